import { decodeLabelTiles, encodeLabelTiles, type LabelTiles } from '../../preload/contract/label-tiles.ts'
import type { Application } from '../application.ts'
import { readBody } from './read-body.ts'
import { binary, malformed, wholeNumber } from './responses.ts'

/** A stroke over the whole of a large image, as runs, is far smaller. */
const LARGEST_STROKE_BYTES = 256 * 2 ** 20

/** Answers `labelTilesAddress`. @param parts of the path, after `/labels/` */
export async function answerLabels(
  application: Application,
  request: Request,
  parameters: URLSearchParams,
  parts: string[],
): Promise<Response> {
  const [image, page, level] = parts.map(wholeNumber)
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
  const bytes = await readBody(request, LARGEST_STROKE_BYTES)
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
