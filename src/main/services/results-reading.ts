import { SegscopeError } from '../../model/errors.ts'
import type { ImageSource, Region } from '../../model/images/image-source.ts'
import { UNLABELLED } from '../../model/images/label-map.ts'
import { type ObjectMeasurement, ObjectMeasurer } from '../../model/prediction/measurements.ts'
import { matchObjects, type ObjectCounts } from '../../model/prediction/object-agreement.ts'
import { findObjects } from '../../model/prediction/objects.ts'
import { ConfusionMatrix } from '../../model/training/metrics.ts'
import { halveLabels } from '../../preload/contract/label-levels.ts'
import { encodeLabelTiles, LABEL_TILE_SIZE, type LabelTile } from '../../preload/contract/label-tiles.ts'
import { openImage } from '../imaging/open-image.ts'
import { readLabelPage } from '../imaging/read-label-map.ts'

/*
 * What is done with the label maps of results, in the threads that read images. Their values are the network's classes.
 */

const SIZE = LABEL_TILE_SIZE
/** Rows that are measured at a time. */
const ROWS_AT_ONCE = 256
/** Objects are compared where at least this part of the image is labelled: of strokes they would be the strokes' shapes. */
const COMPARED_SHARE = 0.99

export interface ResultPart {
  /** The label map. */
  path: string
  page: number
  /** Each level half of the one before. */
  level: number
  columns: readonly [first: number, last: number]
  rows: readonly [first: number, last: number]
}

/** A single object: its class, and the smallest rectangle around it. */
export interface ResultObject {
  path: string
  page: number
  value: number
  box: Region
}

/**
 * Tiles of a label map, encoded, as `reducedTiles` reduces them.
 * @throws SegscopeError `image-not-found` and as `openImage`
 */
export async function readResultTiles({
  path,
  page,
  level,
  columns,
  rows,
}: ResultPart): Promise<Uint8Array<ArrayBuffer>> {
  return await withImage(path, async (source) => {
    const { width, height } = source.info
    const step = 2 ** level
    const tiles = new Map<string, LabelTile>()
    const left = columns[0] * step * SIZE
    const right = Math.min(width, (columns[1] + 1) * step * SIZE)
    const bottom = Math.min(height, (rows[1] + 1) * step * SIZE)
    for (let y = rows[0] * step * SIZE; y < bottom && left < right; y += SIZE) {
      const band = { x: left, y, width: right - left, height: Math.min(SIZE, height - y) }
      const { samples } = await source.read(band, page)
      for (let x = 0; x < band.width; x += SIZE) {
        let part = cut(samples as Uint8Array, band, x)
        let size = SIZE
        for (; size > SIZE / step; size /= 2) part = halveLabels(part, size)
        const [column, row] = [(left + x) / SIZE, y / SIZE]
        const tile = tileOf(tiles, Math.floor(column / step), Math.floor(row / step))
        const at = (row % step) * size * SIZE + (column % step) * size
        for (let line = 0; line < size; line++) {
          tile.values.set(part.subarray(line * size, (line + 1) * size), at + line * SIZE)
        }
      }
    }
    return encodeLabelTiles({ revision: 0, tiles: [...tiles.values()] })
  })
}

/**
 * One object of a label map as encoded tiles; what is not part of it is not labelled in them.
 * @throws SegscopeError `result-changed` where there is no such object
 */
export async function readResultObject({
  path,
  page,
  value,
  box,
}: ResultObject): Promise<Uint8Array<ArrayBuffer>> {
  return await withImage(path, async (source) => {
    const values = (await source.read(box, page)).samples as Uint8Array
    const { instances, count } = findObjects({ ...box, values }, value)
    const wanted = Array.from({ length: count }, (_, index) => index + 1).find((number) =>
      fills(instances, box, number),
    )
    if (wanted === undefined) {
      throw new SegscopeError('result-changed', 'This object is not in the result any more.', {
        file: path,
        remedy: 'The file was changed meanwhile: open the image again.',
      })
    }
    const tiles = new Map<string, LabelTile>()
    instances.forEach((number, at) => {
      if (number !== wanted) return
      const [x, y] = [box.x + (at % box.width), box.y + Math.floor(at / box.width)]
      const tile = tileOf(tiles, Math.floor(x / SIZE), Math.floor(y / SIZE))
      tile.values[(y % SIZE) * SIZE + (x % SIZE)] = value
    })
    return encodeLabelTiles({ revision: 0, tiles: [...tiles.values()] })
  })
}

/**
 * Measures the objects of one page of an image.
 * @throws SegscopeError `result-size-differs`, and as `openImage`
 */
export async function measureResult({
  path,
  labels,
  page,
}: {
  path: string
  labels: string
  page: number
}): Promise<ObjectMeasurement[]> {
  return await withImage(path, (image) =>
    withImage(labels, async (map) => {
      const { width, height } = image.info
      if (map.info.width !== width || map.info.height !== height) {
        throw new SegscopeError(
          'result-size-differs',
          `The result has ${map.info.width} x ${map.info.height} pixels, its image ${width} x ${height}.`,
          { file: labels, remedy: 'The image was changed meanwhile: segment it again.' },
        )
      }
      const measurer = new ObjectMeasurer(width)
      for (let y = 0; y < height; y += ROWS_AT_ONCE) {
        const band = { x: 0, y, width, height: Math.min(ROWS_AT_ONCE, height - y) }
        const values = (await map.read(band, page)).samples as Uint8Array
        measurer.addRows(values, await image.read(band, page))
      }
      return measurer.finish()
    }),
  )
}

export interface ResultComparison {
  /** `[label, predicted]` */
  counts: Float64Array
  /** By class from 1; undefined where too little is labelled to tell objects. */
  objects: ObjectCounts[] | undefined
}

/**
 * Compares one page of a result with labels.
 * @param labels `[height, width]`, the network's classes, 255 where there is nothing to compare with
 * @throws SegscopeError `result-size-differs`, and as `openImage`
 */
export async function compareResult({
  path,
  page,
  labels,
  classes,
}: {
  path: string
  page: number
  labels: Uint8Array
  classes: number
}): Promise<ResultComparison> {
  return await withImage(path, async (source) => {
    const { width, height, values } = await readLabelPage(source, page)
    if (values.length !== labels.length) {
      throw new SegscopeError('result-size-differs', 'The result and its image are not of one size.', {
        file: path,
        remedy: 'The image was changed meanwhile: segment it again.',
      })
    }
    const predicted = { width, height, values: Uint8Array.from(values) }
    const matrix = new ConfusionMatrix(classes)
    matrix.add(labels, predicted.values)
    const labelled = matrix.counts.reduce((sum, count) => sum + count, 0)
    const isWhole = labelled >= COMPARED_SHARE * labels.length
    const objects = isWhole
      ? Array.from({ length: classes - 1 }, (_, index) =>
          matchObjects({ width, height, values: labels }, predicted, index + 1),
        )
      : undefined
    return { counts: matrix.counts, objects }
  })
}

async function withImage<Result>(
  path: string,
  use: (source: ImageSource) => Promise<Result>,
): Promise<Result> {
  const source = await openImage(path)
  try {
    return await use(source)
  } finally {
    await source.close()
  }
}

/** A tile of a band of rows, from x on; beyond the band nothing is labelled. */
function cut(samples: Uint8Array, band: Region, x: number): Uint8Array<ArrayBuffer> {
  const part = new Uint8Array(SIZE * SIZE).fill(UNLABELLED)
  const columns = Math.min(SIZE, band.width - x)
  for (let line = 0; line < band.height; line++) {
    const from = line * band.width + x
    part.set(samples.subarray(from, from + columns), line * SIZE)
  }
  return part
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

/** Whether an object touches all four sides of its box: of those within, only the box's own does. */
function fills(instances: Int32Array, { width, height }: Region, number: number): boolean {
  const isOn = (x: number, y: number): boolean => instances[y * width + x] === number
  const across = (y: number): boolean => Array.from({ length: width }, (_, x) => x).some((x) => isOn(x, y))
  const down = (x: number): boolean => Array.from({ length: height }, (_, y) => y).some((y) => isOn(x, y))
  return across(0) && across(height - 1) && down(0) && down(width - 1)
}
