import { SegscopeError } from '../../model/errors.ts'

const millisecondsUntilNextTry = 5000

/**
 * Keeps in the project how work ended: now, or, where the disk is full, as soon as it can be written. A project that is
 * closed before finds the work interrupted when it opens again.
 * @throws what `keep` throws and is no SegscopeError: a defect
 */
export function keepEnd(keep: () => void, closing: AbortSignal): void {
  if (closing.aborted) return
  try {
    keep()
  } catch (thrown) {
    if (!(thrown instanceof SegscopeError)) throw thrown
    setTimeout(() => keepEnd(keep, closing), millisecondsUntilNextTry).unref()
  }
}
