import { decodeLabelTiles, encodeLabelTiles, type LabelTiles } from '../../preload/contract/label-tiles.ts'
import { SegscopeError } from '../../model/errors.ts'
import type { Application } from '../application.ts'
import { toProblem } from '../to-problem.ts'

/** A stroke over the whole of a large image, as runs, is far smaller. */
const LARGEST_STROKE_BYTES = 256 * 2 ** 20

/**
 * Answers a page's requests for pixels and labels (see `src/preload/contract/addresses.ts`); undefined where the
 * address is none of these. Problems are answered as JSON, as the contract's `problemSchema`.
 */
export async function answerRequest(
  application: Application,
  request: Request,
): Promise<Response | undefined> {
  const url = new URL(request.url)
  const [, kind, ...parts] = url.pathname.split('/')
  if (kind !== 'labels') return undefined
  try {
    const numbers = parts.map(wholeNumber)
    return await answerLabels(application, request, url.searchParams, numbers)
  } catch (thrown) {
    return problemResponse(thrown)
  }
}

async function answerLabels(
  application: Application,
  request: Request,
  parameters: URLSearchParams,
  parts: number[],
): Promise<Response> {
  const [image, page, level] = parts
  if (parts.length !== 3 || image === undefined || page === undefined || level === undefined)
    throw malformed()
  const plane = { image, page }
  const { labels } = application.requireOpened()
  if (request.method === 'POST') {
    if (level !== 0) throw malformed()
    const state = labels.paint(plane, await readStroke(request))
    application.events.publish('project', { kind: 'images-updated', ids: [image] })
    return Response.json(state)
  }
  const { revision, tiles } = labels.tiles(
    plane,
    range(parameters.get('columns')),
    range(parameters.get('rows')),
  )
  const bytes = encodeLabelTiles({
    revision,
    tiles: tiles.map((tile) => ({ ...tile, values: new Uint8Array(tile.values) })),
  })
  return binary(bytes, 'no-store')
}

async function readStroke(request: Request): Promise<LabelTiles> {
  const bytes = new Uint8Array(await request.arrayBuffer())
  if (bytes.length > LARGEST_STROKE_BYTES) throw malformed()
  try {
    return decodeLabelTiles(bytes)
  } catch (thrown) {
    if (thrown instanceof RangeError) throw malformed(thrown)
    throw thrown
  }
}

/** `3-7`; null: everything. */
function range(text: string | null): readonly [first: number, last: number] {
  if (text === null) return [0, Number.MAX_SAFE_INTEGER]
  const [first, last, ...more] = text.split('-').map(wholeNumber)
  if (first === undefined || last === undefined || more.length > 0) throw malformed()
  return [first, last]
}

function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw malformed()
  return Number(text)
}

export function binary(bytes: Uint8Array<ArrayBuffer>, cacheControl: string): Response {
  return new Response(bytes, {
    headers: { 'content-type': 'application/octet-stream', 'cache-control': cacheControl },
  })
}

function malformed(cause?: unknown): SegscopeError {
  return new SegscopeError('request-malformed', 'The page asked for something that does not exist.', {
    remedy: 'Reload the page; if it happens again, please report it.',
    cause,
  })
}

function problemResponse(thrown: unknown): Response {
  const problem = toProblem(thrown)
  const status = problem.code === 'defect' ? 500 : problem.code === 'request-malformed' ? 400 : 409
  return Response.json(problem, { status, headers: { 'cache-control': 'no-store' } })
}
