import { CancelledError } from '../../model/errors.ts'
import { exitStatus } from './exit-status.ts'

/**
 * A signal this soon after the first one is the same one: a terminal signals every process of its group, and npm and
 * `bin/launch.js` pass on what they got.
 */
const SAME_SIGNAL_MILLISECONDS = 500

/** SIGINT and SIGTERM while a command works: the first asks it to stop and save, the second ends the process. */
export class Interruption {
  /** Of the process, once a signal came. */
  exitStatus: number | undefined
  readonly #controller = new AbortController()
  readonly #stopping: () => void
  #first = 0

  /** @param stopping called at the first signal */
  constructor(stopping: () => void) {
    this.#stopping = stopping
    process.on('SIGINT', this.#onSignal)
    process.on('SIGTERM', this.#onSignal)
  }

  /** Aborted by the first signal, its reason a CancelledError. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Leaves signals to the process again. */
  end(): void {
    process.off('SIGINT', this.#onSignal)
    process.off('SIGTERM', this.#onSignal)
  }

  readonly #onSignal = (name: NodeJS.Signals): void => {
    if (this.exitStatus === undefined) {
      this.exitStatus = name === 'SIGTERM' ? exitStatus.terminated : exitStatus.interrupted
      this.#first = performance.now()
      this.#stopping()
      this.#controller.abort(new CancelledError())
    } else if (performance.now() - this.#first > SAME_SIGNAL_MILLISECONDS) {
      // Not process.exit(): native code that is computing would be torn down under its feet, and abort.
      this.end()
      process.kill(process.pid, name)
    }
  }
}
