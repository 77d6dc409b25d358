/**
 * An error that speaks to the user: what happened, to which file, why, and what to do about it.
 *
 * Every error that can reach a person is one of these; anything else is a defect. `code` is stable and in
 * kebab-case (`image-truncated`), so that callers and tests can tell errors apart without reading the text.
 */
export class SegscopeError extends Error {
  readonly code: string
  /** The file or folder concerned, as the user named it. */
  readonly file: string | undefined
  /** What the user can do now, as a sentence. */
  readonly remedy: string | undefined

  constructor(
    code: string,
    message: string,
    details: { file?: string | undefined; remedy?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause })
    this.name = 'SegscopeError'
    this.code = code
    this.file = details.file
    this.remedy = details.remedy
  }

  /** What, which file, why, what to do, in one text for a terminal or a dialog. */
  describe(): string {
    const where = this.file !== undefined && !this.message.includes(this.file) ? `${this.file}: ` : ''
    return `${where}${this.message}${this.remedy === undefined ? '' : ` ${this.remedy}`}`
  }
}

/** The user or a caller stopped the work (an AbortSignal fired); nothing is wrong. */
export class CancelledError extends SegscopeError {
  constructor(message = 'Cancelled.') {
    super('cancelled', message)
    this.name = 'CancelledError'
  }
}

/** The message of anything that was thrown, with the file and the remedy where it has them. */
export function describeError(thrown: unknown): string {
  if (thrown instanceof SegscopeError) return thrown.describe()
  return thrown instanceof Error ? thrown.message : String(thrown)
}
