import { fork, type ChildProcess } from 'node:child_process'
import { resolve } from 'node:path'
import type { Outcome } from './read-images.ts'

/** Milliseconds for one file, all its pages. */
const TIME_LIMIT = 10_000

/** A child process that reads files one by one; a file that takes too long or kills it is a defect. */
export class Reader {
  #child: ChildProcess | undefined
  peakBytes = 0

  async read(path: string): Promise<Outcome> {
    this.#child ??= fork(resolve(import.meta.dirname, 'read-images.ts'), { execArgv: [] })
    const child = this.#child
    const outcome = await new Promise<Outcome>((settle) => {
      const timer = setTimeout(() => {
        settle({ kind: 'defect', message: 'it took over 10 seconds' })
      }, TIME_LIMIT)
      child.once('exit', (code, signal) => {
        clearTimeout(timer)
        settle({ kind: 'defect', message: `the process died (${String(code ?? signal)})` })
      })
      child.once('message', (answer: { outcome: Outcome; peakBytes: number }) => {
        clearTimeout(timer)
        this.peakBytes = Math.max(this.peakBytes, answer.peakBytes)
        settle(answer.outcome)
      })
      child.send(path)
    })
    child.removeAllListeners('exit').removeAllListeners('message')
    if (outcome.kind === 'defect') this.stop()
    return outcome
  }

  stop(): void {
    this.#child?.kill('SIGKILL')
    this.#child = undefined
  }
}
