import { CancelledError, SegscopeError } from '../../model/errors.ts'

/** An error as it travels between threads and processes, whose copies would lose class and code. */
export interface TransferredError {
  /** undefined where it was no SegscopeError: a defect, not the user's affair. */
  code: string | undefined
  message: string
  file: string | undefined
  remedy: string | undefined
  stack: string | undefined
}

export function packError(thrown: unknown): TransferredError {
  const known = thrown instanceof SegscopeError ? thrown : undefined
  return {
    code: known?.code,
    message: thrown instanceof Error ? thrown.message : String(thrown),
    file: known?.file,
    remedy: known?.remedy,
    stack: thrown instanceof Error ? thrown.stack : undefined,
  }
}

/** The error again; its stack on the other side is its cause. */
export function unpackError({ code, message, file, remedy, stack }: TransferredError): Error {
  if (code === 'cancelled') return new CancelledError(message)
  if (code === undefined) return new Error(message, { cause: stack })
  return new SegscopeError(code, message, { file, remedy, cause: stack })
}
