import type { Application } from '../application.ts'
import { binary, cacheControl, malformed, wholeNumber } from './responses.ts'

/** Answers `pixelTileAddress`. @param parts of the path, after `/pixels/` */
export async function answerPixels(
  application: Application,
  request: Request,
  parts: string[],
): Promise<Response> {
  const [image, page, channel, level, column, row, ...more] = parts.map(wholeNumber)
  if (
    request.method !== 'GET' ||
    image === undefined ||
    page === undefined ||
    channel === undefined ||
    level === undefined ||
    column === undefined ||
    row === undefined ||
    more.length > 0
  ) {
    throw malformed()
  }
  const { pixels } = application.requireOpened()
  const tile = await pixels.tile(image, { page, channel, level, column, row }, request.signal)
  if (tile === undefined) throw malformed()
  return binary(tile.bytes, cacheControl[tile.quality])
}
