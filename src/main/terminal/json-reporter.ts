import { describeError, SegscopeError } from '../../model/errors.ts'
import { fatalText } from './fatal-text.ts'
import type { Reporter } from './reporter.ts'
import { Throttle } from './throttle.ts'

/** Between two progress lines; a result at 100 % is always told. */
const PROGRESS_MILLISECONDS = 100

/** One JSON object a line on standard output, told apart by `kind`; the error that ends a command also on standard error, as text. */
export class JsonReporter implements Reporter {
  failedFiles = 0
  readonly #output: NodeJS.WritableStream
  readonly #errors: NodeJS.WritableStream
  readonly #throttle = new Throttle(PROGRESS_MILLISECONDS)

  constructor(output: NodeJS.WritableStream, errors: NodeJS.WritableStream) {
    this.#output = output
    this.#errors = errors
  }

  progress(fraction: number, label: string, estimateSeconds?: number): void {
    if (this.#throttle.passes(fraction >= 1))
      this.#write({ kind: 'progress', fraction, label, estimateSeconds })
  }

  info(message: string): void {
    this.#write({ kind: 'info', message })
  }

  warn(message: string): void {
    this.#write({ kind: 'warning', message })
  }

  result(fields: Readonly<Record<string, unknown>>): void {
    this.#write({ kind: 'result', ...fields })
  }

  failed(file: string, error: unknown): void {
    this.failedFiles++
    this.#write({ kind: 'failed', file, code: codeOf(error), error: describeError(error) })
  }

  fatal(error: unknown, debug: boolean): void {
    const file = error instanceof SegscopeError ? error.file : undefined
    this.#write({ kind: 'error', code: codeOf(error), file, error: describeError(error) })
    this.#errors.write(`${fatalText(error, debug)}\n`)
  }

  end(): void {
    // Lines need no end.
  }

  #write(line: Readonly<Record<string, unknown>>): void {
    this.#output.write(`${JSON.stringify(line)}\n`)
  }
}

function codeOf(error: unknown): string {
  return error instanceof SegscopeError ? error.code : 'defect'
}
