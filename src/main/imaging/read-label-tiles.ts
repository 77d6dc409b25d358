import { SegscopeError } from '../../model/errors.ts'
import type { Samples } from '../../model/images/image-source.ts'
import { UNLABELLED } from '../../model/images/label-map.ts'
import { LABEL_TILE_SIZE, type LabelTile } from '../../preload/contract/label-tiles.ts'
import { countValues } from './guess-label-values.ts'
import { type LabelPlace, openFittingLabels } from './label-readers/open-fitting-labels.ts'
import { labelOf, type LabelValues, readLabelPage } from './read-label-map.ts'

/** How the stored values of label images become a project's classes. */
export interface LabelReading {
  labelValues: LabelValues
  /** For these values instead of what `labelValues` says: a class, or UNLABELLED. With `binary`, 1 is all but 0. */
  mapping: ReadonlyMap<number, number>
  /** The classes of the project. */
  classes: readonly number[]
}

/**
 * How many pixels of a label image, all its pages together, have each stored value.
 * @throws SegscopeError as `openFittingLabels` and `readLabelPage`
 */
export async function countStoredValues(place: LabelPlace): Promise<Map<number, number>> {
  const source = await openFittingLabels(place)
  try {
    const counts = new Map<number, number>()
    for (let page = 0; page < source.info.pages; page++) {
      countValues((await readLabelPage(source, page)).values, counts)
    }
    return counts
  } finally {
    await source.close()
  }
}

/**
 * One page of a label image as label tiles, those without any label left out.
 * @throws SegscopeError as `openFittingLabels` and `readLabelPage`; `label-value-unknown` where a value is no class
 */
export async function readLabelTiles(
  place: LabelPlace,
  page: number,
  reading: LabelReading,
): Promise<LabelTile[]> {
  const source = await openFittingLabels(place)
  try {
    const { width, height, values } = await readLabelPage(source, page)
    const tiles: LabelTile[] = []
    const classOf = rememberingReader(place.path, reading)
    for (let row = 0; row * LABEL_TILE_SIZE < height; row++) {
      for (let column = 0; column * LABEL_TILE_SIZE < width; column++) {
        const tile = { column, row, values: cutTile(values, width, height, column, row, classOf) }
        if (tile.values.some((value) => value !== UNLABELLED)) tiles.push(tile)
      }
    }
    return tiles
  } finally {
    await source.close()
  }
}

function cutTile(
  stored: Samples,
  width: number,
  height: number,
  column: number,
  row: number,
  classOf: (value: number) => number,
): Uint8Array<ArrayBuffer> {
  const tile = new Uint8Array(LABEL_TILE_SIZE * LABEL_TILE_SIZE).fill(UNLABELLED)
  const [left, top] = [column * LABEL_TILE_SIZE, row * LABEL_TILE_SIZE]
  const columns = Math.min(LABEL_TILE_SIZE, width - left)
  const rows = Math.min(LABEL_TILE_SIZE, height - top)
  for (let y = 0; y < rows; y++) {
    let from = (top + y) * width + left
    let to = y * LABEL_TILE_SIZE
    for (const end = to + columns; to < end; to++, from++) tile[to] = classOf(stored[from] as number)
  }
  return tile
}

/** Decides for each value once, and for the value of the pixel before not even that. */
function rememberingReader(path: string, reading: LabelReading): (value: number) => number {
  const decided = new Map<number, number>()
  let [last, lastClass] = [NaN, UNLABELLED]
  return (value) => {
    if (value === last) return lastClass
    let found = decided.get(value)
    if (found === undefined) {
      found = classFor(value, reading, path)
      decided.set(value, found)
    }
    ;[last, lastClass] = [value, found]
    return found
  }
}

function classFor(value: number, { labelValues, mapping, classes }: LabelReading, path: string): number {
  const stored = labelValues === 'binary' && value !== 0 ? 1 : value
  const found = mapping.get(stored) ?? labelOf(stored, labelValues)
  if (found === UNLABELLED || classes.includes(found)) return found
  throw new SegscopeError(
    'label-value-unknown',
    `The value ${String(value)} stands for class ${String(found)}, which the project does not have.`,
    { file: path, remedy: 'Add the class, or say which class the value shall become.' },
  )
}
