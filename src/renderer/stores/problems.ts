import { ORPCError } from '@orpc/client'
import type { Problem } from '../../preload/contract/base.ts'
import { RequestProblem } from '../connection/request.ts'

/** What a failed call or request of this page is for a person. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof RequestProblem) return thrown.problem
  if (thrown instanceof ORPCError) {
    if (thrown.code === 'PROBLEM') return thrown.data as Problem
    return {
      code: 'request-malformed',
      message: `Segscope did not take this: ${thrown.message}.`,
      remedy: 'Check what you entered; if it is as it should be, please report it.',
    }
  }
  return {
    code: 'defect',
    message: `Something went wrong: ${thrown instanceof Error ? thrown.message : String(thrown)}.`,
    remedy: 'Reload the page; if it happens again, please report it.',
  }
}

/** Whether a call ended because the page itself cancelled it, which is no failure. */
export function isCancelled(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === 'AbortError'
}
