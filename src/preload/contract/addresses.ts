/**
 * Where a page gets and sends what is binary, as addresses below its own: oRPC's messages carry text. Both doors answer
 * them by the same function, `src/main/pixels/answer-request.ts`.
 */

/** Pixels come in squares of this many; at the right and lower edge they are cut to the image. */
export const PIXEL_TILE_SIZE = 512

/**
 * GET: a picture of an image with automatic contrast, WebP, its longer side THUMBNAIL_SIZE pixels or fewer. Made while
 * the answer waits, where it is not made yet.
 * @param version anything that changes with the picture, such as the fingerprint: answers are kept by the browser
 */
export function thumbnailAddress(image: number, version: string): string {
  return `/thumbnails/${image}?v=${encodeURIComponent(version)}`
}
export const THUMBNAIL_SIZE = 256

/**
 * GET: the classes of a result in their colours, WebP, transparent where nothing was found: to lie over the thumbnail of its image.
 * @param id of the result's image (see `./results.ts`)
 * @param version when it was segmented, and the colours: answers are kept by the browser
 */
export function resultThumbnailAddress(id: number, version: string): string {
  return `/result-thumbnails/${id}?v=${encodeURIComponent(version)}`
}

/**
 * GET: samples of one channel of a tile, `[height, width]`, in the image's own sample type, little end first; 64-bit
 * floats as 32-bit ones. Level 0 is the image, each further level half of the one before. An answer with `cache-control: no-store`
 * is preliminary: coarse, because the levels of a large image are only being made; ask again in a second.
 */
export function pixelTileAddress(
  image: number,
  at: { page: number; channel: number; level: number; column: number; row: number },
  fingerprint: string,
): string {
  const { page, channel, level, column, row } = at
  return `/pixels/${image}/${page}/${channel}/${level}/${column}/${row}?v=${encodeURIComponent(fingerprint)}`
}

/**
 * GET: the label tiles (`./label-tiles.ts`) of a plane that are stored within a range of tiles; where there is none, nothing is
 * labelled. Level 0 only: POST here sends a stroke, the tiles that it changed as they are after it, and is answered with the plane's
 * LabelState as JSON once the stroke is safe on disk.
 * @param level of a GET, as for pixels, up to 8: a label of level n stands for 2^n x 2^n pixels, as `halveLabels` (`./label-levels.ts`)
 *   chooses it, so that thin strokes stay visible
 */
export function labelTilesAddress(
  plane: { image: number; page: number },
  level: number,
  range?: { columns: [first: number, last: number]; rows: [first: number, last: number] },
): string {
  const path = `/labels/${plane.image}/${plane.page}/${level}`
  return range === undefined
    ? path
    : `${path}?columns=${range.columns.join('-')}&rows=${range.rows.join('-')}`
}

/** Predictions come in squares of this many pixels; at the right and lower edge they are cut to the image. */
export const PREDICTION_TILE_SIZE = 512

/**
 * GET: what a checkpoint's network says of a tile, as `./prediction-tiles.ts` lays it out. Computed while the answer waits,
 * where it was not lately: one part of a plane after another, in the order in which they are asked for.
 */
export function predictionTileAddress(
  plane: { image: number; page: number },
  tile: { column: number; row: number },
  checkpoint: string,
): string {
  const path = `/predictions/${plane.image}/${plane.page}/${tile.column}/${tile.row}`
  return `${path}?checkpoint=${encodeURIComponent(checkpoint)}`
}

/**
 * GET: what the network of a training at work made of a tile after a step, as a prediction's tile. Only the last preview is
 * there, and of a large image only its middle: what lies outside is 255.
 * @param preview as its job tells (see `./jobs.ts`)
 */
export function trainingPreviewAddress(
  job: number,
  preview: { image: number; page: number; step: number },
  tile: { column: number; row: number },
): string {
  return `/training-previews/${job}/${preview.image}/${preview.page}/${preview.step}/${tile.column}/${tile.row}`
}

/**
 * GET: the label tiles (`./label-tiles.ts`) of one page of a segmented image within a range of tiles, as `labelTilesAddress`
 * gives painted ones; their values are the places of the result's classes.
 * @param id of the result's image (see `./results.ts`)
 * @param version when it was segmented: answers are kept by the browser
 */
export function resultTilesAddress(
  { id, page }: { id: number; page: number },
  level: number,
  range: { columns: [first: number, last: number]; rows: [first: number, last: number] },
  version: string,
): string {
  const { columns, rows } = range
  return `/results/${id}/${page}/${level}?columns=${columns.join('-')}&rows=${rows.join('-')}&v=${encodeURIComponent(version)}`
}
