import { dirname } from 'node:path'
import { SegscopeError } from '../../model/errors.ts'
import { UNLABELLED } from '../../model/images/label-map.ts'
import type { LabelTile } from '../../preload/contract/label-tiles.ts'
import type { LabelChange, Plane } from '../../preload/contract/labels.ts'
import type { StoredTile } from '../database/repositories/labels.ts'
import { compareNaturally } from '../imaging/list-images.ts'
import type { LabelStore } from './label-store.ts'
import { requirePlane } from './plane-labels.ts'
import type { Project } from './project.ts'

/**
 * Copies the labels of the frame before to where nothing is labelled yet, as one stroke: what is painted stays. The frame
 * before is the page before; of images of one page, the image before in its folder, in natural order.
 * @throws SegscopeError `no-previous-image`, `previous-size-differs`, `previous-unlabelled`, `nothing-to-copy`;
 *   `image-unknown`
 */
export function copyFromPrevious(project: Project, labels: LabelStore, plane: Plane): LabelChange {
  const previous = previousPlane(project, plane)
  const source = labels.tiles(previous).tiles
  if (source.length === 0) {
    throw new SegscopeError('previous-unlabelled', 'The image before has no labels to copy.', {
      file: requirePlane(project, previous).path,
      remedy: 'Label it first.',
    })
  }
  const { revision, tiles: own } = labels.tiles(plane)
  const ownAt = new Map(own.map((tile) => [placeOf(tile), tile.values]))
  const tiles = source.flatMap((tile) => fillUnlabelled(tile, ownAt.get(placeOf(tile))) ?? [])
  if (tiles.length === 0) {
    throw new SegscopeError(
      'nothing-to-copy',
      'Wherever the image before is labelled, this one is labelled already.',
      { remedy: 'Erase where its labels shall take the place of these.' },
    )
  }
  const state = labels.paint(plane, { revision, tiles })
  return { ...state, tiles: tiles.map(({ column, row }) => [column, row]) }
}

function previousPlane(project: Project, plane: Plane): Plane {
  if (plane.page > 0) return { ...plane, page: plane.page - 1 }
  const image = requirePlane(project, plane)
  const folder = dirname(image.path)
  const neighbours = project.images
    .all()
    .filter((other) => dirname(other.path) === folder)
    .sort((one, other) => compareNaturally(one.path, other.path))
  const previous = neighbours[neighbours.findIndex(({ id }) => id === image.id) - 1]
  if (previous === undefined || image.pages > 1 || previous.pages > 1) {
    throw new SegscopeError('no-previous-image', 'This is the first image of its series.', {
      file: image.path,
      remedy: 'Labels are copied from the page before, or from the image before in the same folder.',
    })
  }
  if (previous.width !== image.width || previous.height !== image.height) {
    throw new SegscopeError(
      'previous-size-differs',
      `The image before has ${previous.width} x ${previous.height} pixels, this one ${image.width} x ${image.height}.`,
      { file: previous.path, remedy: 'Labels can be copied between images of the same size.' },
    )
  }
  return { image: previous.id, page: 0 }
}

function placeOf({ column, row }: { column: number; row: number }): string {
  return `${column} ${row}`
}

/** undefined where nothing is filled */
function fillUnlabelled(
  { column, row, values: source }: StoredTile,
  own: Uint8Array | undefined,
): LabelTile | undefined {
  const values = new Uint8Array(source)
  let filled = false
  for (let at = 0; at < values.length; at++) {
    const label = own?.[at] ?? UNLABELLED
    if (label !== UNLABELLED) values[at] = label
    else filled ||= values[at] !== UNLABELLED
  }
  return filled ? { column, row, values } : undefined
}
