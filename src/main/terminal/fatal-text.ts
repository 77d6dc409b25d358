import { describeError, SegscopeError } from '../../model/errors.ts'

/**
 * The error that ends a command, for people: what, why and what to do. Anything but a SegscopeError is a defect of
 * Segscope and says so.
 * @param debug with the stack and the causes
 */
export function fatalText(error: unknown, debug: boolean): string {
  const lines = [describeError(error)]
  if (!(error instanceof SegscopeError)) {
    lines.push(
      'This is a defect of Segscope. Please report it, with what the same command says with --debug.',
    )
  }
  if (debug) {
    for (let cause = error; cause instanceof Error; cause = cause.cause)
      lines.push(cause.stack ?? cause.message)
  }
  return lines.join('\n')
}
