import { LAST_LABEL_LEVEL } from '../../preload/contract/label-levels.ts'
import {
  countLabelTiles,
  decodeLabelTiles,
  encodeLabelTiles,
  type LabelTiles,
} from '../../preload/contract/label-tiles.ts'
import type { Application } from '../application.ts'
import { reducedTiles } from '../services/reduced-labels.ts'
import { readBody } from './read-body.ts'
import { binary, malformed, tileRange, wholeNumber } from './responses.ts'

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
  const { labels, project } = application.requireOpened()
  if (request.method === 'POST') {
    if (level !== 0) throw malformed()
    const state = labels.paint(plane, await readStroke(request, countLabelTiles(labels.size(plane))))
    application.events.publish('project', { kind: 'images-updated', ids: [image] })
    return Response.json(state)
  }
  const columns = tileRange(parameters.get('columns'))
  const rows = tileRange(parameters.get('rows'))
  if (level > 0) {
    if (level > LAST_LABEL_LEVEL) throw malformed()
    const height = project.images.find(image)?.height ?? 0
    const reduced = await reducedTiles(labels, plane, height, level, columns, rows)
    return binary(encodeLabelTiles(reduced), 'no-store')
  }
  const { revision, tiles } = labels.tiles(plane, columns, rows)
  const bytes = encodeLabelTiles({
    revision,
    tiles: tiles.map((tile) => ({ ...tile, values: new Uint8Array(tile.values) })),
  })
  return binary(bytes, 'no-store')
}

/** @param most tiles of the plane */
async function readStroke(request: Request, most: number): Promise<LabelTiles> {
  const bytes = await readBody(request, LARGEST_STROKE_BYTES)
  try {
    return decodeLabelTiles(bytes, most)
  } catch (thrown) {
    if (thrown instanceof RangeError) throw malformed(thrown)
    throw thrown
  }
}
