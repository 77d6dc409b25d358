import { SegscopeError } from '../../model/errors.ts'
import { toProblem } from '../to-problem.ts'

/** @throws SegscopeError `request-malformed` */
export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw malformed()
  return Number(text)
}

export function binary(
  bytes: Uint8Array<ArrayBuffer>,
  cacheControl: string,
  contentType = 'application/octet-stream',
): Response {
  return new Response(bytes, { headers: { 'content-type': contentType, 'cache-control': cacheControl } })
}

/** For answers whose address names their content: a browser asks once. */
export const immutable = 'private, max-age=31536000, immutable'

export function malformed(cause?: unknown): SegscopeError {
  return new SegscopeError('request-malformed', 'The page asked for something that does not exist.', {
    remedy: 'Reload the page; if it happens again, please report it.',
    cause,
  })
}

/** A problem as JSON, as the contract's `problemSchema`. */
export function problemResponse(thrown: unknown): Response {
  const problem = toProblem(thrown)
  const status = problem.code === 'defect' ? 500 : problem.code === 'request-malformed' ? 400 : 409
  return Response.json(problem, { status, headers: { 'cache-control': 'no-store' } })
}
