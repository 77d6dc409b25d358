import { setImmediate } from 'node:timers/promises'
import { halveLabels } from '../../preload/contract/label-levels.ts'
import { LABEL_TILE_SIZE, type LabelTile, type LabelTiles } from '../../preload/contract/label-tiles.ts'
import type { Plane } from '../../preload/contract/labels.ts'
import { UNLABELLED } from '../../model/images/label-map.ts'
import type { LabelStore } from './label-store.ts'

const SIZE = LABEL_TILE_SIZE
type Range = readonly [first: number, last: number]

/**
 * Tiles of a plane's labels reduced to 1 / 2^level of the width and height by `halveLabels`, within a range of the level's
 * tiles, both ends included. Tiles without labels are left out. Others have their turn between rows of tiles: a fully
 * labelled image of 20,000 x 20,000 pixels takes a second or two.
 * @param height of the image
 * @param level 1 to LAST_LABEL_LEVEL
 * @throws SegscopeError `image-unknown`
 */
export async function reducedTiles(
  store: LabelStore,
  plane: Plane,
  height: number,
  level: number,
  columns: Range,
  rows: Range,
): Promise<LabelTiles> {
  const step = 2 ** level
  const size = SIZE / step
  const lastRow = Math.min((rows[1] + 1) * step, Math.ceil(height / SIZE)) - 1
  const tiles = new Map<string, LabelTile>()
  const { revision } = store.state(plane)
  for (let row = rows[0] * step; row <= lastRow; row++) {
    const stored = store.tiles(plane, [columns[0] * step, (columns[1] + 1) * step - 1], [row, row])
    for (const tile of stored.tiles) {
      let part: Uint8Array = tile.values
      for (let width = SIZE; width > size; width /= 2) part = halveLabels(part, width)
      const reduced = tileOf(tiles, tile.column >> level, row >> level)
      const at = (row % step) * size * SIZE + (tile.column % step) * size
      for (let line = 0; line < size; line++) {
        reduced.values.set(part.subarray(line * size, (line + 1) * size), at + line * SIZE)
      }
    }
    if (stored.tiles.length > 0) await setImmediate()
  }
  return { revision, tiles: [...tiles.values()] }
}

function tileOf(tiles: Map<string, LabelTile>, column: number, row: number): LabelTile {
  const name = `${column} ${row}`
  let tile = tiles.get(name)
  if (tile === undefined) {
    tile = { column, row, values: new Uint8Array(SIZE * SIZE).fill(UNLABELLED) }
    tiles.set(name, tile)
  }
  return tile
}
