import { SegscopeError } from '../../model/errors.ts'
import type { ImageInfo, ImageSource, Region } from '../../model/images/image-source.ts'
import { UNLABELLED } from '../../model/images/label-map.ts'
import { measurePlane, type PlaneObjects } from '../../model/prediction/measure-plane.ts'
import { compareObjects, type ObjectCounts } from '../../model/prediction/object-agreement.ts'
import type { Splitting } from '../../model/prediction/object-rows.ts'
import { findObjects } from '../../model/prediction/objects.ts'
import { splitObject } from '../../model/prediction/split-object.ts'
import { ConfusionMatrix } from '../../model/training/metrics.ts'
import { halveLabels } from '../../preload/contract/label-levels.ts'
import { encodeLabelTiles, LABEL_TILE_SIZE, type LabelTile } from '../../preload/contract/label-tiles.ts'
import { openImage } from '../imaging/open-image.ts'
import { isIlastikProject } from '../imaging/label-readers/ilastik-project.ts'
import { type LabelPlace, openFittingLabels } from '../imaging/label-readers/open-fitting-labels.ts'
import { isShapeFile, namesInLabels } from '../imaging/label-readers/open-labels.ts'
import { labelOf, type LabelValues, readLabelPage } from '../imaging/read-label-map.ts'
import { readObjectNumbers } from '../imaging/read-object-numbers.ts'

/*
 * What is done with the label maps of results, in the threads that read images. Their values are the network's classes.
 */

const SIZE = LABEL_TILE_SIZE

export interface ResultPart {
  /** The label map. */
  path: string
  page: number
  /** Each level half of the one before. */
  level: number
  columns: readonly [first: number, last: number]
  rows: readonly [first: number, last: number]
}

interface Pixel {
  x: number
  y: number
}

/** A pixel of an object, and the smallest rectangle around the connected component that it is part of. */
export interface ResultPlace {
  path: string
  page: number
  value: number
  at: Pixel
  box: Region
  /** By which the component is split, as `splitObject` does; undefined where it is one object. */
  waist: number | undefined
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
export async function readResultObject(place: ResultPlace): Promise<Uint8Array<ArrayBuffer>> {
  const pixels = await pixelsOfObject(place)
  if (pixels === undefined) {
    throw new SegscopeError('result-changed', 'This object is not in the result any more.', {
      file: place.path,
      remedy: 'The file was changed meanwhile: open the image again.',
    })
  }
  const tiles = new Map<string, LabelTile>()
  for (const { x, y } of pixels) {
    const tile = tileOf(tiles, Math.floor(x / SIZE), Math.floor(y / SIZE))
    tile.values[(y % SIZE) * SIZE + (x % SIZE)] = place.value
  }
  return encodeLabelTiles({ revision: 0, tiles: [...tiles.values()] })
}

/** The first pixel, in reading order, of the object at a place; undefined where the component in the rectangle is not there. */
export async function findResultObject(place: ResultPlace): Promise<Pixel | undefined> {
  return (await pixelsOfObject(place))?.[0]
}

/** In reading order. */
async function pixelsOfObject({
  path,
  page,
  value,
  at,
  box,
  waist,
}: ResultPlace): Promise<Pixel[] | undefined> {
  const { info, values } = await withImage(path, async (source) => ({
    info: source.info,
    values: (await source.read(box, page)).samples as Uint8Array,
  }))
  const here = (at.y - box.y) * box.width + at.x - box.x
  const { instances } = findObjects({ ...box, values }, value)
  const component = instances[here]
  if (component === undefined || component === 0) return undefined
  const pixels = Uint8Array.from(instances, (number) => (number === component ? 1 : 0))
  const cut = {
    left: box.x === 0,
    top: box.y === 0,
    right: box.x + box.width === info.width,
    bottom: box.y + box.height === info.height,
  }
  const parts = waist === undefined ? pixels : splitObject({ ...box, pixels, cut }, waist).parts
  const found: Pixel[] = []
  parts.forEach((part, index) => {
    if (part !== parts[here]) return
    found.push({ x: box.x + (index % box.width), y: box.y + Math.floor(index / box.width) })
  })
  return found
}

export interface MeasuredResult {
  path: string
  /** The label map. */
  labels: string
  page: number
  splitting: Splitting
}

export interface MeasuredPage extends PlaneObjects {
  /** Of the image. */
  info: ImageInfo
}

/**
 * Finds and measures the objects of one page of an image.
 * @throws SegscopeError `result-size-differs`, and as `openImage`
 */
export async function measureResult({
  path,
  labels,
  page,
  splitting,
}: MeasuredResult): Promise<MeasuredPage> {
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
      const band = (y: number, rows: number): Region => ({ x: 0, y, width, height: rows })
      const measured = await measurePlane(
        {
          width,
          height,
          readLabels: async (y, rows) => (await map.read(band(y, rows), page)).samples as Uint8Array,
          readImage: (y, rows) => image.read(band(y, rows), page),
        },
        splitting,
      )
      return { ...measured, info: image.info }
    }),
  )
}

export interface ResultComparison {
  /** `[label, predicted]` */
  counts: Float64Array
  /** By class from 1; undefined where too little is labelled to tell objects. */
  objects: ObjectCounts[] | undefined
  /** Whether the labels number their objects. */
  isNumbered: boolean
}

export interface ComparedResult {
  path: string
  page: number
  truth: Truth
  /** Of the network. */
  classNames: readonly string[]
  splitting: Splitting
}

/** What a result is compared with. */
export type Truth =
  /** `[height, width]`, the network's classes, 255 where there is nothing to compare with. */
  | { kind: 'labels'; labels: Uint8Array }
  /** A file of labels; `labelValues` is what the values mean where it is a label map. */
  | { kind: 'file'; file: string; image: LabelPlace['image']; labelValues: LabelValues }

/**
 * Compares one page of a result with labels.
 * @throws SegscopeError `result-size-differs`, and as `openImage`
 */
export async function compareResult({
  path,
  page,
  truth,
  classNames,
  splitting,
}: ComparedResult): Promise<ResultComparison> {
  const classes = classNames.length
  const { labels, numbered } =
    truth.kind === 'labels'
      ? { labels: truth.labels, numbered: undefined }
      : await readTruth(truth, page, classNames)
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
    const objects = compareObjects({ width, height, values: labels }, predicted, {
      classes,
      splitting,
      numbered,
    })
    return { counts: matrix.counts, objects, isNumbered: numbered !== undefined }
  })
}

/** Classes that the network does not have are left out; where it tells one thing from the background, all shapes are of it. */
async function readTruth(
  { file, image, labelValues }: Extract<Truth, { kind: 'file' }>,
  page: number,
  classNames: readonly string[],
): Promise<{ labels: Uint8Array; numbered: Int32Array | undefined }> {
  const named = await namesInLabels(file)
  // In ilastik the background is a class like others, and what nobody painted is none; between shapes lies the background.
  const areStrokes = isIlastikProject(file)
  const hasClasses = named.length > 0 && classNames.length > 2
  const ofShapes = areStrokes ? 'zero-unlabelled' : hasClasses ? 'classes' : 'binary'
  const meaning = (await isShapeFile(file)) ? ofShapes : labelValues
  const known = areStrokes ? classNames : classNames.slice(1)
  const names = [...known, ...named.filter((name) => !known.includes(name))]
  const source = await openFittingLabels({ path: file, image, names })
  try {
    const { values } = await readLabelPage(source, page)
    const labels = Uint8Array.from(values, (value) => {
      const label = labelOf(value, meaning)
      return label >= 0 && label < classNames.length ? label : UNLABELLED
    })
    return { labels, numbered: await readObjectNumbers({ path: file, image }, page, meaning) }
  } finally {
    await source.close()
  }
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
