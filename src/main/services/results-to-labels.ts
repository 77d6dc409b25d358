import { SegscopeError } from '../../model/errors.ts'
import { UNLABELLED } from '../../model/images/label-map.ts'
import { decodeLabelTiles, LABEL_TILE_SIZE, type LabelTile } from '../../preload/contract/label-tiles.ts'
import type { LabelChange, Plane } from '../../preload/contract/labels.ts'
import type { ImageWorkers } from '../compute/image-workers.ts'
import type { Region } from '../../model/images/image-source.ts'
import type { LabelStore } from './label-store.ts'
import type { Project } from './project.ts'
import { classValuesOf, requireResult, requireResultPlane } from './results.ts'

export interface ResultToLabels {
  /** Of the result's image. */
  id: number
  page: number
  /** Places in the result's classes; undefined: all of them. */
  classes?: readonly number[] | undefined
  /** One object alone. */
  object?:
    | { classIndex: number; first: { x: number; y: number }; box: Region; waist?: number | undefined }
    | undefined
  /** Whether labels that are there give way. */
  replace: boolean
}

/**
 * Makes a result, or some of it, painted labels, as one stroke.
 * @throws SegscopeError `nothing-to-copy`, `result-unknown`, `image-not-in-project`, `labels-changed`, and where the label
 *   map cannot be read
 */
export async function resultToLabels(
  project: Project,
  labels: LabelStore,
  workers: ImageWorkers,
  { id, page, classes, object, replace }: ResultToLabels,
  signal: AbortSignal,
): Promise<LabelChange & { plane: Plane }> {
  const { image, result, labels: path, record } = requireResultPlane(project, { id, page })
  const valueOf = new Uint8Array(256).fill(UNLABELLED)
  classValuesOf(project, requireResult(project, result)).forEach((value, index) => {
    if (classes?.includes(index) ?? true) valueOf[index] = value
  })
  const { bytes } =
    object === undefined
      ? await workers.run(
          'read result tiles',
          { path, page, level: 0, columns: lastTile(record.width), rows: lastTile(record.height) },
          { urgency: 'details', signal },
        )
      : await workers.run(
          'read result object',
          {
            path,
            page,
            value: object.classIndex,
            at: object.first,
            box: object.box,
            waist: object.waist,
          },
          { urgency: 'details', signal },
        )
  const plane = { image, page }
  const { revision, tiles: painted } = labels.tiles(plane)
  const paintedAt = new Map(painted.map((tile) => [placeOf(tile), tile.values]))
  const tiles = decodeLabelTiles(bytes).tiles.flatMap(
    (tile) => merge(tile, paintedAt.get(placeOf(tile)), valueOf, replace) ?? [],
  )
  if (tiles.length === 0) {
    throw new SegscopeError('nothing-to-copy', 'Nothing of this result would change the labels.', {
      remedy: replace
        ? 'Its classes are not classes of this project, or the labels are the same already.'
        : 'Wherever it has something to say, the image is labelled already, or the project lacks its classes.',
    })
  }
  const state = labels.paint(plane, { revision, tiles })
  return { ...state, tiles: tiles.map(({ column, row }) => [column, row]), plane }
}

/** The painted tile with the result's labels in it; undefined where it stays as it is. */
function merge(
  { column, row, values: found }: LabelTile,
  painted: Uint8Array | undefined,
  valueOf: Uint8Array,
  replace: boolean,
): LabelTile | undefined {
  const values =
    painted === undefined ? new Uint8Array(found.length).fill(UNLABELLED) : new Uint8Array(painted)
  let isChanged = false
  for (let at = 0; at < values.length; at++) {
    const value = valueOf[found[at] as number] as number
    if (value === UNLABELLED || value === values[at]) continue
    if (!replace && values[at] !== UNLABELLED) continue
    values[at] = value
    isChanged = true
  }
  return isChanged ? { column, row, values } : undefined
}

function lastTile(length: number): [first: number, last: number] {
  return [0, Math.ceil(length / LABEL_TILE_SIZE) - 1]
}

function placeOf({ column, row }: { column: number; row: number }): string {
  return `${column} ${row}`
}
