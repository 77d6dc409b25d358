import { SegscopeError } from '../model/errors.ts'
import type { Problem } from '../preload/contract/base.ts'

/** What was thrown, as a page shows it. Anything but a SegscopeError is a defect, and is called one. */
export function toProblem(thrown: unknown): Problem {
  if (thrown instanceof SegscopeError) {
    const { code, message, file, remedy } = thrown
    return { code, message, ...(file !== undefined && { file }), ...(remedy !== undefined && { remedy }) }
  }
  return {
    code: 'defect',
    message: `Something went wrong inside Segscope: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    remedy: 'What was saved is safe. Try again; if it happens again, please report it with this text.',
  }
}
