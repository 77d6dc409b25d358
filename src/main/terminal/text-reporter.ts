import { styleText } from 'node:util'
import { describeError } from '../../model/errors.ts'
import { fatalText } from './fatal-text.ts'
import { progressBar, progressLine } from './progress-text.ts'
import type { Reporter } from './reporter.ts'
import { Throttle } from './throttle.ts'

/** Between two drawings of the bar on a terminal. */
const BAR_MILLISECONDS = 100
/** Between two lines of progress where the output is kept (a pipe, a file, a log). */
const LINE_MILLISECONDS = 5000

const CLEAR_LINE = '\r\u001b[2K'

type TextStream = NodeJS.WritableStream & { isTTY?: boolean; columns?: number }

/**
 * Text for people: results and information on standard output; progress, warnings and errors on standard error,
 * the progress as a bar that stays on one line where that is a terminal.
 */
export class TextReporter implements Reporter {
  failedFiles = 0
  readonly #output: TextStream
  readonly #errors: TextStream
  readonly #throttle: Throttle
  #bar = ''

  constructor(output: TextStream, errors: TextStream) {
    this.#output = output
    this.#errors = errors
    this.#throttle = new Throttle(errors.isTTY === true ? BAR_MILLISECONDS : LINE_MILLISECONDS)
  }

  progress(fraction: number, label: string, estimateSeconds?: number): void {
    const done = fraction >= 1
    if (!this.#throttle.passes(done)) return
    if (this.#errors.isTTY !== true) {
      this.#errors.write(`${progressLine(fraction, label, estimateSeconds)}\n`)
      return
    }
    this.#bar = progressBar(fraction, label, estimateSeconds, this.#errors.columns ?? 80)
    this.#errors.write(`${CLEAR_LINE}${this.#bar}`)
    if (!done) return
    this.#errors.write('\n')
    this.#bar = ''
  }

  info(message: string): void {
    this.#write(this.#output, message)
  }

  warn(message: string): void {
    this.#write(this.#errors, `${this.#style('yellow', 'Warning:')} ${message}`)
  }

  result(_fields: Readonly<Record<string, unknown>>, text: string): void {
    this.#write(this.#output, text)
  }

  failed(file: string, error: unknown): void {
    this.failedFiles++
    const reason = describeError(error)
    const where = reason.includes(file) ? '' : `${file}: `
    this.#write(this.#errors, `${this.#style('red', 'Failed:')} ${where}${reason}`)
  }

  fatal(error: unknown, debug: boolean): void {
    this.#write(this.#errors, `${this.#style('red', 'Error:')} ${fatalText(error, debug)}`)
  }

  end(): void {
    if (this.#bar !== '') this.#errors.write(CLEAR_LINE)
    this.#bar = ''
  }

  /** Writes whole lines above the bar, which is drawn again below them. */
  #write(stream: TextStream, text: string): void {
    if (this.#bar !== '') this.#errors.write(CLEAR_LINE)
    stream.write(`${text}\n`)
    if (this.#bar !== '') this.#errors.write(this.#bar)
  }

  /** Colour, where standard error is a terminal and NO_COLOR is not set. */
  #style(colour: 'yellow' | 'red', text: string): string {
    return styleText(colour, text, { stream: this.#errors })
  }
}
