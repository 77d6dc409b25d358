import { type ChildProcess, fork } from 'node:child_process'
import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { type ComputeLimits, limitedEnvironment } from '../../model/engine/compute-limits.ts'
import { SegscopeError } from '../../model/errors.ts'

/** Below the application's own priority, so that a page stays quick while both cores compute. */
const computePriority = 10

/**
 * A child process that computes: it may use all memory, or crash in native code, and dies alone. Messages are copied by
 * structured clone, typed arrays included.
 */
export class ComputeProcess<ToChild, FromChild> {
  /** Settles when the process is gone: with the reason where it was not asked to go. */
  readonly ended: Promise<SegscopeError | undefined>
  readonly #child: ChildProcess
  #closing = false

  /**
   * @param module the child's first one
   * @param limits that it works under
   * @param onMessage is called in the order in which the child sent
   */
  constructor(module: URL, limits: ComputeLimits, onMessage: (message: FromChild) => void) {
    // In Electron this runs Electron's own program as Node, which fork sees to.
    this.#child = fork(fileURLToPath(module), {
      serialization: 'advanced',
      env: limitedEnvironment(limits),
      execArgv: ['--disable-warning=ExperimentalWarning'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    let complaints = ''
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaints = (complaints + text).slice(-2000)
    })
    this.#child.on('message', (message) => onMessage(message as FromChild))
    this.#child.once('spawn', () => {
      if (this.#child.pid !== undefined) setPriority(this.#child.pid, computePriority)
    })
    this.ended = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve(died(error.message)))
      this.#child.once('close', (status, signal) => {
        if (this.#closing || status === 0) resolve(undefined)
        else resolve(died(reasonOf(status, signal, complaints)))
      })
    })
  }

  /** Nothing happens where the process is gone: `ended` tells. */
  send(message: ToChild): void {
    if (!this.#child.connected) return
    this.#child.send(message as object, () => undefined)
  }

  /** Ends the process at once, whatever it does. */
  async kill(): Promise<void> {
    this.#closing = true
    this.#child.kill('SIGKILL')
    await this.ended
  }
}

function reasonOf(status: number | null, signal: NodeJS.Signals | null, complaints: string): string {
  if (signal === 'SIGKILL') {
    return 'the system ended it, as it does when memory runs out'
  }
  const last = complaints.trim().split('\n').at(-1)
  const how = signal === null ? `it ended with status ${status ?? '?'}` : `it was ended by ${signal}`
  return last === undefined || last === '' ? how : `${how}: ${last}`
}

function died(why: string): SegscopeError {
  return new SegscopeError('compute-died', `The process that computes has died: ${why}.`, {
    remedy:
      'What was saved is kept. Go on from there; if it happens again, close other programs or use smaller images.',
  })
}
