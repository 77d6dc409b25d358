import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Measurement } from './workload.ts'

const script = fileURLToPath(new URL('torch_reference.py', import.meta.url))

/** torch_reference.py in a Python process, asked one measurement at a time. */
export class TorchSide {
  readonly #child
  readonly #answers: AsyncIterator<string>
  #reason = 'The Python process ended: does that Python have PyTorch?'

  /** @param python a Python that has PyTorch */
  constructor(python: string, threads: number) {
    this.#child = spawn(python, [script, String(threads)], { stdio: ['pipe', 'pipe', 'inherit'] })
    // Told by the answer that does not come.
    this.#child.on('error', (error) => (this.#reason = `${python} could not be started: ${error.message}`))
    this.#child.stdin.on('error', () => undefined)
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  /**
   * Milliseconds of each repeat. The first request of a kind also prepares it and warms up, untimed.
   * @throws Error where Python ended instead of answering
   */
  async measure(
    what: Measurement,
    channelsLast: boolean,
    repeat: number,
  ): Promise<{ milliseconds: number[]; torch: string }> {
    this.#child.stdin.write(`${JSON.stringify({ what, channels_last: channelsLast, repeat })}\n`)
    const answer = await this.#answers.next()
    if (answer.done === true) throw new Error(this.#reason)
    return JSON.parse(answer.value) as { milliseconds: number[]; torch: string }
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.stdin.end()
    await ended
  }
}
