import { SegscopeError } from '../../model/errors.ts'
import { toProblem } from '../to-problem.ts'

/** @throws SegscopeError `request-malformed` */
export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw malformed()
  return Number(text)
}

/** More tiles than any image has; doubled eight times it is still a whole number. */
const EVERYTHING = [0, 2 ** 32] as const

/**
 * Columns or rows of tiles: `3-7`; null: everything.
 * @throws SegscopeError `request-malformed`
 */
export function tileRange(text: string | null): readonly [first: number, last: number] {
  if (text === null) return EVERYTHING
  const [first, last, ...more] = text.split('-').map(wholeNumber)
  if (first === undefined || last === undefined || more.length > 0) throw malformed()
  return [first, last]
}

export function binary(
  bytes: Uint8Array<ArrayBuffer>,
  keep: string,
  contentType = 'application/octet-stream',
): Response {
  return new Response(bytes, { headers: { 'content-type': contentType, 'cache-control': keep } })
}

/** How long a browser may keep an answer, by its quality. An address names its content: what is final is asked for once. */
export const cacheControl = {
  final: 'private, max-age=31536000, immutable',
  preliminary: 'no-store',
  makeshift: 'private, max-age=60',
} as const

export function malformed(cause?: unknown): SegscopeError {
  return new SegscopeError('request-malformed', 'The page asked for something that does not exist.', {
    remedy: 'Reload the page; if it happens again, please report it.',
    cause,
  })
}

/** A problem as JSON, as the contract's `problemSchema`. */
export function problemResponse(thrown: unknown): Response {
  const problem = toProblem(thrown)
  return Response.json(problem, {
    status: statuses[problem.code] ?? 409,
    headers: { 'cache-control': 'no-store' },
  })
}

const statuses: Readonly<Record<string, number>> = {
  defect: 500,
  'request-malformed': 400,
  'request-too-large': 413,
}
