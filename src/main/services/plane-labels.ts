import { SegscopeError } from '../../model/errors.ts'
import { type LabelMap, UNLABELLED } from '../../model/images/label-map.ts'
import { LABEL_TILE_SIZE } from '../../preload/contract/label-tiles.ts'
import type { Plane } from '../../preload/contract/labels.ts'
import type { ImageRecord } from '../database/repositories/images.ts'
import type { StoredTile } from '../database/repositories/labels.ts'
import type { Project } from './project.ts'

/**
 * The labels of a whole plane. Also for a project that is only read, beside its owner.
 * @throws SegscopeError `image-unknown`
 */
export function readPlaneLabels(project: Project, plane: Plane): LabelMap {
  const { width, height } = requirePlane(project, plane)
  const values = new Uint8Array(width * height)
  let at = 0
  for (const rows of planeLabelRows(project, plane)) {
    values.set(rows, at)
    at += rows.length
  }
  return { width, height, values }
}

/**
 * The labels of a plane from top to bottom, LABEL_TILE_SIZE rows at a time, `[rows, width]`, the last ones fewer. Each is
 * read when it is asked for.
 * @throws SegscopeError `image-unknown`
 */
export function* planeLabelRows(project: Project, plane: Plane): Generator<Uint8Array> {
  const { width, height } = requirePlane(project, plane)
  const map = project.labels.find(plane.image, plane.page)
  for (let top = 0; top < height; top += LABEL_TILE_SIZE) {
    const rows = Math.min(LABEL_TILE_SIZE, height - top)
    const values = new Uint8Array(rows * width).fill(UNLABELLED)
    const row = top / LABEL_TILE_SIZE
    const tiles =
      map === undefined ? [] : project.labels.tiles(map.id, [0, Number.MAX_SAFE_INTEGER], [row, row])
    for (const tile of tiles) putTile(tile, values, width)
    yield values
  }
}

/**
 * The image of a plane.
 * @throws SegscopeError `image-unknown`
 */
export function requirePlane(project: Project, { image, page }: Plane): ImageRecord {
  const found = project.images.find(image)
  if (found !== undefined && page < found.pages) return found
  throw new SegscopeError('image-unknown', `The project has no image ${image} with a page ${page + 1}.`, {
    remedy: 'It was removed; go back to the images.',
  })
}

/** @param rows `[rows, width]` of the plane, those of the tile's row */
function putTile({ column, values }: StoredTile, rows: Uint8Array, width: number): void {
  const left = column * LABEL_TILE_SIZE
  const columns = Math.min(LABEL_TILE_SIZE, width - left)
  for (let row = 0; row * width < rows.length; row++) {
    const from = row * LABEL_TILE_SIZE
    rows.set(values.subarray(from, from + columns), row * width + left)
  }
}
