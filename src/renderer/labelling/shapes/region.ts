import { LABEL_TILE_SIZE } from '../../../preload/contract/label-tiles.ts'
import type { Point } from '../../viewer/camera.ts'

const SIZE = LABEL_TILE_SIZE
const LAST = SIZE - 1

/** Tiles that one region may cover: 8192 x 8192 pixels. */
export const LARGEST_REGION_TILES = 1024

const OUTSIDE = 0
const INSIDE = 1
const FILLED = 2

/** What a region may grow over. */
export interface RegionSource {
  /** In pixels. */
  width: number
  height: number
  /**
   * Which pixels of a label tile belong to it: `[SIZE, SIZE]`, 1 or 0. What lies beyond the image is left out by the
   * caller of this. The array is given away.
   */
  inside(column: number, row: number): Promise<Uint8Array>
}

/** Pixels of one label tile: 1 where they belong to the region. */
export interface RegionTile {
  column: number
  row: number
  mask: Uint8Array
}

/** The region goes on and on: it is not closed, or too many values are similar. */
export class RegionTooLarge extends Error {
  constructor() {
    super(`The region covers more than ${LARGEST_REGION_TILES} tiles.`)
  }
}

/**
 * The connected region around a pixel; pixels are connected where they share a side, so that a line without gaps
 * holds, diagonal ones too. Gives way to other work between tiles.
 * @param seed a pixel of the image; where it is not inside, the region is empty
 * @throws RegionTooLarge
 * @throws the signal's reason
 */
export async function findRegion(
  source: RegionSource,
  seed: Point,
  signal: AbortSignal,
): Promise<RegionTile[]> {
  const columns = Math.ceil(source.width / SIZE)
  const rows = Math.ceil(source.height / SIZE)
  const found = new Map<number, RegionTile>()
  const waiting = new Map<number, number[]>()
  const enter = (column: number, row: number, pixel: number): void => {
    if (column < 0 || row < 0 || column >= columns || row >= rows) return
    const key = row * columns + column
    const pixels = waiting.get(key)
    if (pixels === undefined) waiting.set(key, [pixel])
    else pixels.push(pixel)
  }
  const [x, y] = [Math.floor(seed.x), Math.floor(seed.y)]
  enter(Math.floor(x / SIZE), Math.floor(y / SIZE), (y % SIZE) * SIZE + (x % SIZE))
  for (const [key, seeds] of waiting) {
    waiting.delete(key)
    const [column, row] = [key % columns, Math.floor(key / columns)]
    let tile = found.get(key)
    if (tile === undefined) {
      if (found.size === LARGEST_REGION_TILES) throw new RegionTooLarge()
      const mask = await source.inside(column, row)
      signal.throwIfAborted()
      cutToImage(mask, source.width - column * SIZE, source.height - row * SIZE)
      tile = { column, row, mask }
      found.set(key, tile)
    }
    fillTile(tile, seeds, enter)
    await otherWork()
    signal.throwIfAborted()
  }
  for (const { mask } of found.values()) {
    for (let at = 0; at < mask.length; at++) mask[at] = mask[at] === FILLED ? 1 : 0
  }
  return [...found.values()]
}

/** Lets frames and input have their turn; a timer would wait for 4 ms. */
function otherWork(): Promise<void> {
  return new Promise((resume) => {
    const { port1, port2 } = new MessageChannel()
    port1.addEventListener('message', () => {
      port1.close()
      resume()
    })
    port1.start()
    port2.postMessage(undefined)
  })
}

function cutToImage(mask: Uint8Array, width: number, height: number): void {
  if (height < SIZE) mask.fill(OUTSIDE, height * SIZE)
  if (width >= SIZE) return
  for (let row = 0; row < SIZE; row++) mask.fill(OUTSIDE, row * SIZE + width, (row + 1) * SIZE)
}

/** Fills by spans of rows; `enter` takes the pixels across the tile's sides. */
function fillTile(
  { column, row, mask }: RegionTile,
  seeds: number[],
  enter: (column: number, row: number, pixel: number) => void,
): void {
  const stack = seeds
  for (let pixel = stack.pop(); pixel !== undefined; pixel = stack.pop()) {
    if (mask[pixel] !== INSIDE) continue
    const start = pixel - (pixel % SIZE)
    let first = pixel
    while (first > start && mask[first - 1] === INSIDE) first--
    let end = pixel + 1
    while (end < start + SIZE && mask[end] === INSIDE) end++
    mask.fill(FILLED, first, end)
    if (first === start) enter(column - 1, row, start + LAST)
    if (end === start + SIZE) enter(column + 1, row, start)
    if (start === 0) for (let at = first; at < end; at++) enter(column, row - 1, LAST * SIZE + at)
    else pushRuns(mask, first - SIZE, end - SIZE, stack)
    if (start === LAST * SIZE) for (let at = first; at < end; at++) enter(column, row + 1, at - start)
    else pushRuns(mask, first + SIZE, end + SIZE, stack)
  }
}

/** One pixel of each run that is still to be filled. */
function pushRuns(mask: Uint8Array, first: number, end: number, stack: number[]): void {
  for (let at = first; at < end; at++) {
    if (mask[at] === INSIDE && (at === first || mask[at - 1] !== INSIDE)) stack.push(at)
  }
}
