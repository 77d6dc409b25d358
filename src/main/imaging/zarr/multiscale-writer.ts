import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { deflate } from 'node:zlib'
import type {
  ImageInfo,
  ImageSource,
  Raster,
  Samples,
  SampleType,
} from '../../../model/images/image-source.ts'
import { placeOfPage } from '../label-writers/written-labels.ts'

const compress = promisify(deflate)

/** Height and width of a chunk; even, so that a row of chunks is halved by itself. */
export const ZARR_CHUNK = 512

/** NumPy's names, low end first. */
const dataTypes: Record<SampleType, string> = {
  uint8: '|u1',
  int8: '|i1',
  uint16: '<u2',
  int16: '<i2',
  uint32: '<u4',
  int32: '<i4',
  float32: '<f4',
  float64: '<f8',
}

export interface WrittenLevels {
  /** Of the arrays `0`, `1`, ..., each half of the one before. */
  levels: { width: number; height: number }[]
  /** The smallest level of the first page. */
  smallest: Raster
}

/**
 * Writes an image as the arrays of a multiscale: Zarr version 2, axes as `zarrAxes` names them, chunks of one plane,
 * Deflate-compressed. Rows are read from the top, a row of chunks at a time; chunks that are zero throughout are not written, as they
 * are what is filled in.
 * @param folder is there
 * @param halve half the width and height, rounded up
 * @throws what reading throws, and Node's errors of files
 */
export async function writeMultiscale(
  folder: string,
  source: ImageSource,
  halve: (raster: Raster) => Raster,
): Promise<WrittenLevels> {
  const { width, height, pages } = source.info
  const levels = [{ width, height }]
  for (let last = { width, height }; Math.max(last.width, last.height) > ZARR_CHUNK;) {
    last = { width: Math.ceil(last.width / 2), height: Math.ceil(last.height / 2) }
    levels.push(last)
  }
  for (const [level, size] of levels.entries()) {
    await writeMetadata(join(folder, String(level), '.zarray'), arrayMetadata(source.info, size))
  }
  let smallest: Raster | undefined
  for (let page = 0; page < pages; page++) {
    const last = await new PageWriter(folder, source.info, page, levels, halve).write(source)
    smallest ??= last
  }
  return { levels, smallest: smallest as Raster }
}

/** @throws Node's errors of files */
export async function writeMetadata(path: string, metadata: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, `${JSON.stringify(metadata, undefined, 2)}\n`)
}

/** The axes of the arrays: t and z only where there are several of them. */
export function zarrAxes(info: Pick<ImageInfo, 'pages' | 'zPlanes'>): ('t' | 'c' | 'z' | 'y' | 'x')[] {
  const { times, zPlanes } = placeOfPage(info, 0)
  return [...(times > 1 ? ['t' as const] : []), 'c', ...(zPlanes > 1 ? ['z' as const] : []), 'y', 'x']
}

function arrayMetadata(info: ImageInfo, { width, height }: { width: number; height: number }): unknown {
  const { times, zPlanes } = placeOfPage(info, 0)
  const sizes = { t: times, c: info.channels, z: zPlanes, y: height, x: width }
  const chunks = { t: 1, c: 1, z: 1, y: Math.min(height, ZARR_CHUNK), x: Math.min(width, ZARR_CHUNK) }
  const axes = zarrAxes(info)
  return {
    zarr_format: 2,
    shape: axes.map((axis) => sizes[axis]),
    chunks: axes.map((axis) => chunks[axis]),
    dtype: dataTypes[info.sampleType],
    compressor: { id: 'zlib', level: 1 },
    fill_value: 0,
    order: 'C',
    filters: null,
    dimension_separator: '/',
  }
}

/** The rows of one page, level by level. */
class PageWriter {
  readonly #folder: string
  readonly #info: ImageInfo
  readonly #page: number
  readonly #levels: readonly { width: number; height: number }[]
  readonly #halve: (raster: Raster) => Raster
  /** By level: rows that wait for their row of chunks to be full, and how many rows came. */
  readonly #waiting: { rasters: Raster[]; rows: number; seen: number }[]
  #last: Raster | undefined

  constructor(
    folder: string,
    info: ImageInfo,
    page: number,
    levels: readonly { width: number; height: number }[],
    halve: (raster: Raster) => Raster,
  ) {
    this.#folder = folder
    this.#info = info
    this.#page = page
    this.#levels = levels
    this.#halve = halve
    this.#waiting = levels.map(() => ({ rasters: [], rows: 0, seen: 0 }))
  }

  /** @returns the smallest level */
  async write(source: ImageSource): Promise<Raster> {
    const { width, height } = this.#info
    for (let y = 0; y < height; y += ZARR_CHUNK) {
      const band = { x: 0, y, width, height: Math.min(ZARR_CHUNK, height - y) }
      await this.#add(0, await source.read(band, this.#page))
    }
    return this.#last as Raster
  }

  async #add(level: number, raster: Raster): Promise<void> {
    const size = this.#levels[level]
    const waiting = this.#waiting[level]
    if (size === undefined || waiting === undefined) return
    waiting.rasters.push(raster)
    waiting.rows += raster.height
    waiting.seen += raster.height
    if (waiting.rows < ZARR_CHUNK && waiting.seen < size.height) return
    const rows = stack(waiting.rasters)
    waiting.rasters = []
    waiting.rows = 0
    await this.#writeChunks(level, rows, Math.ceil(waiting.seen / ZARR_CHUNK) - 1)
    if (level === this.#levels.length - 1) this.#last = rows
    else await this.#add(level + 1, this.#halve(rows))
  }

  async #writeChunks(level: number, rows: Raster, row: number): Promise<void> {
    const size = this.#levels[level] as { width: number; height: number }
    const chunkWidth = Math.min(size.width, ZARR_CHUNK)
    const chunkHeight = Math.min(size.height, ZARR_CHUNK)
    const { z, t } = placeOfPage(this.#info, this.#page)
    for (let channel = 0; channel < rows.channels; channel++) {
      const place = { t, c: channel, z, y: row, x: 0 }
      const indices = zarrAxes(this.#info).map((axis) => place[axis])
      const folder = join(this.#folder, String(level), ...indices.slice(0, -1).map(String))
      await mkdir(folder, { recursive: true })
      const columns = Array.from({ length: Math.ceil(size.width / chunkWidth) }, (_, column) => column)
      await Promise.all(
        columns.map(async (column) => {
          const chunk = cut(rows, channel, column * chunkWidth, chunkWidth, chunkHeight)
          if (chunk.every((value) => value === 0)) return
          const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
          await writeFile(join(folder, String(column)), await compress(bytes, { level: 1 }))
        }),
      )
    }
  }
}

/** One below the other. */
function stack(rasters: readonly Raster[]): Raster {
  const [first] = rasters as [Raster]
  if (rasters.length === 1) return first
  const { channels, width } = first
  const height = rasters.reduce((sum, raster) => sum + raster.height, 0)
  const samples = new (first.samples.constructor as Uint8ArrayConstructor)(channels * height * width)
  for (let channel = 0; channel < channels; channel++) {
    let at = channel * height * width
    for (const raster of rasters) {
      const plane = raster.height * width
      samples.set(raster.samples.subarray(channel * plane, (channel + 1) * plane), at)
      at += plane
    }
  }
  return { samples, channels, width, height }
}

/** A chunk of one channel, `[height, width]`, zero beyond the rows and their end. */
function cut(rows: Raster, channel: number, left: number, width: number, height: number): Samples {
  const chunk = new (rows.samples.constructor as Uint8ArrayConstructor)(width * height)
  const columns = Math.min(width, rows.width - left)
  for (let row = 0; row < rows.height; row++) {
    const from = (channel * rows.height + row) * rows.width + left
    chunk.set(rows.samples.subarray(from, from + columns), row * width)
  }
  return chunk
}
