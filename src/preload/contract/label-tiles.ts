import { decodeRuns, encodeRuns } from './run-lengths.ts'

/** Labels are kept and sent in squares of this many pixels; at the right and lower edge they reach beyond the image. */
export const LABEL_TILE_SIZE = 256
const VALUES = LABEL_TILE_SIZE * LABEL_TILE_SIZE

/** One square of labels: class values, 255 where not labelled. */
export interface LabelTile {
  column: number
  row: number
  /** `[LABEL_TILE_SIZE, LABEL_TILE_SIZE]` */
  values: Uint8Array<ArrayBuffer>
}

/** Labels on their way, either way: a page gets them so, and sends a stroke as the tiles that it changed. */
export interface LabelTiles {
  /** Of the plane's labels: those that are sent, or that the stroke was painted on. */
  revision: number
  tiles: LabelTile[]
}

/** Layout, little end first: revision u32, tile count u32; a tile: column u32, row u32, bytes u32, runs. */
export function encodeLabelTiles({ revision, tiles }: LabelTiles): Uint8Array<ArrayBuffer> {
  const encoded = tiles.map((tile) => encodeRuns(tile.values))
  const bytes = new Uint8Array(8 + encoded.reduce((sum, runs) => sum + 12 + runs.length, 0))
  const view = new DataView(bytes.buffer)
  view.setUint32(0, revision, true)
  view.setUint32(4, tiles.length, true)
  let at = 8
  tiles.forEach((tile, index) => {
    const runs = encoded[index] as Uint8Array
    view.setUint32(at, tile.column, true)
    view.setUint32(at + 4, tile.row, true)
    view.setUint32(at + 8, runs.length, true)
    bytes.set(runs, at + 12)
    at += 12 + runs.length
  })
  return bytes
}

/** How many tiles cover an image of so many pixels. */
export function countLabelTiles({ width, height }: { width: number; height: number }): number {
  return Math.ceil(width / LABEL_TILE_SIZE) * Math.ceil(height / LABEL_TILE_SIZE)
}

/**
 * @param most tiles that there may be: a few bytes can stand for a tile of 64 KiB, so whoever does not trust them sets it
 * @throws RangeError where the bytes are no encoded label tiles, or more of them
 */
export function decodeLabelTiles(bytes: Uint8Array, most = Infinity): LabelTiles {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const revision = view.getUint32(0, true)
  const count = view.getUint32(4, true)
  if (count > most) throw new RangeError(`There are ${count} tiles, where ${most} are all.`)
  const tiles: LabelTile[] = []
  let at = 8
  for (let index = 0; index < count; index++) {
    const column = view.getUint32(at, true)
    const row = view.getUint32(at + 4, true)
    const end = at + 12 + view.getUint32(at + 8, true)
    if (end > bytes.length) throw new RangeError('A tile is cut.')
    tiles.push({ column, row, values: decodeRuns(bytes.subarray(at + 12, end), VALUES) })
    at = end
  }
  if (at !== bytes.length) throw new RangeError('There is more than the tiles.')
  return { revision, tiles }
}
