import { UNLABELLED } from '../../model/images/label-map.ts'
import { LABEL_TILE_SIZE, type LabelTile } from '../../preload/contract/label-tiles.ts'
import type { LabelState, Plane } from '../../preload/contract/labels.ts'
import type { LabelStore } from './label-store.ts'

/**
 * Makes a plane's labels these, as one stroke.
 * @param tiles all that have a label
 * @throws SegscopeError as `LabelStore.paint`
 */
export function replaceLabels(labels: LabelStore, plane: Plane, tiles: readonly LabelTile[]): LabelState {
  const { revision, tiles: before } = labels.tiles(plane)
  const places = new Set(tiles.map(placeOf))
  const emptied = before
    .filter((tile) => !places.has(placeOf(tile)))
    .map(({ column, row }) => ({
      column,
      row,
      values: new Uint8Array(LABEL_TILE_SIZE * LABEL_TILE_SIZE).fill(UNLABELLED),
    }))
  return labels.paint(plane, { revision, tiles: [...tiles, ...emptied] })
}

function placeOf({ column, row }: { column: number; row: number }): string {
  return `${column} ${row}`
}
