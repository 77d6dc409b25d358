import type { ImageInfo, ImageSource, Raster, Region, Samples } from '../../../model/images/image-source.ts'
import { damagedImage } from '../image-errors.ts'
import { CACHED_BYTES } from '../limits.ts'
import { checkRegion, createSamples } from '../regions.ts'
import { ChunkCache } from './chunk-cache.ts'
import { checkDecodable, decodeChunk } from './decode-chunk.ts'
import { decodeFax } from './decode-fax.ts'
import { isFax } from './decompress.ts'
import { TiffDirectory } from './directory.ts'
import { chunkChannels, chunkRows, readPageLayout, type PageLayout } from './page-layout.ts'
import type { Plane } from './plane.ts'
import { Tag } from './tags.ts'
import type { TiffFiles } from './tiff-files.ts'

/** Layouts of planes that are kept: reading one hundred channels, or going back and forth in time, parses each once. */
const KEPT_LAYOUTS = 128

/** A TIFF, or several that make one image, whose regions are read strip by strip or tile by tile. */
export class TiffSource implements ImageSource {
  readonly path: string
  readonly info: ImageInfo
  readonly #files: TiffFiles
  readonly #pages: readonly (readonly Plane[])[]
  readonly #cache = new ChunkCache(CACHED_BYTES)
  readonly #layouts = new Map<string, Promise<PageLayout>>()

  /** @param pages the planes of each, which hold its channels in equal shares */
  constructor(files: TiffFiles, info: ImageInfo, pages: readonly (readonly Plane[])[]) {
    this.path = files.path
    this.info = info
    this.#files = files
    this.#pages = pages
  }

  async read(region: Region, page = 0): Promise<Raster> {
    checkRegion(this.info, region, page)
    const planes = this.#pages[page] as readonly Plane[]
    const { channels, sampleType } = this.info
    const { width, height } = region
    const [only] = planes
    if (only !== undefined && planes.length === 1) return this.#read(only, region)
    const samples = createSamples(sampleType, channels * height * width)
    for (const [index, plane] of planes.entries()) {
      const part = await this.#read(plane, region)
      samples.set(part.samples, (index * samples.length) / planes.length)
    }
    return { samples, channels, width, height }
  }

  async readReduced(page: number, side: number): Promise<Raster | undefined> {
    const rasters: Raster[] = []
    for (const plane of this.#pages[page] as readonly Plane[]) {
      const reduced = await this.#reduced(plane, side)
      if (reduced === undefined) return undefined
      rasters.push(reduced)
    }
    const { width, height } = rasters[0] as Raster
    const { channels, sampleType } = this.info
    const samples = createSamples(sampleType, channels * height * width)
    rasters.forEach((raster, index) => {
      samples.set(raster.samples, (index * samples.length) / rasters.length)
    })
    return { samples, channels, width, height }
  }

  async close(): Promise<void> {
    this.#cache.clear()
    this.#layouts.clear()
    await this.#files.close()
  }

  async #read(plane: Plane, region: Region): Promise<Raster> {
    const layout = await this.#layout(plane)
    const channels = this.#planeChannels()
    if (layout.width !== this.info.width || layout.height !== this.info.height) {
      const size = `${String(layout.width)}x${String(layout.height)}`
      throw damagedImage(this.#files.pathOf(plane), `a plane is of ${size} pixels, unlike the first`)
    }
    return this.#readLayout(plane, layout, region, channels)
  }

  /** Samples a pixel of one plane. */
  #planeChannels(): number {
    return this.info.channels / (this.#pages[0] as readonly Plane[]).length
  }

  async #readLayout(plane: Plane, layout: PageLayout, region: Region, channels: number): Promise<Raster> {
    if (layout.channels !== channels || layout.sampleType !== this.info.sampleType) {
      throw damagedImage(this.#files.pathOf(plane), 'a plane is of another sample type than the first')
    }
    const { chunkWidth, chunkHeight, chunksAcross, chunksDown } = layout
    const samples = createSamples(this.info.sampleType, channels * region.height * region.width)
    const raster = { samples, channels, width: region.width, height: region.height }
    const lastRow = Math.floor((region.y + region.height - 1) / chunkHeight)
    const lastColumn = Math.floor((region.x + region.width - 1) / chunkWidth)
    for (let grid = 0; grid < (layout.planar ? channels : 1); grid++) {
      for (let row = Math.floor(region.y / chunkHeight); row <= lastRow; row++) {
        for (let column = Math.floor(region.x / chunkWidth); column <= lastColumn; column++) {
          const chunk = await this.#chunk(plane, layout, (grid * chunksDown + row) * chunksAcross + column)
          copyChunk(chunk, layout, { row, column, plane: grid }, region, raster)
        }
      }
    }
    return raster
  }

  /** The smallest of the plane's reduced copies that is large enough. */
  async #reduced(plane: Plane, side: number): Promise<Raster | undefined> {
    const { file, header, directory } = await this.#files.locate(plane)
    const main = await TiffDirectory.read(file, header, directory)
    let best: { place: Plane; layout: PageLayout } | undefined
    for (const offset of await main.numbers(Tag.subDirectories, MOST_LEVELS)) {
      const place = { ...plane, directory: offset }
      const layout = await this.#layout(place)
      const longer = Math.max(layout.width, layout.height)
      const isBetter = best === undefined || longer < Math.max(best.layout.width, best.layout.height)
      if (longer >= side && longer < Math.max(this.info.width, this.info.height) && isBetter) {
        best = { place, layout }
      }
    }
    if (best === undefined) return undefined
    const { width, height } = best.layout
    return this.#readLayout(best.place, best.layout, { x: 0, y: 0, width, height }, this.#planeChannels())
  }

  #layout(plane: Plane): Promise<PageLayout> {
    const key = keyOf(plane)
    let layout = this.#layouts.get(key)
    if (layout === undefined) {
      layout = this.#parseLayout(plane)
      const [oldest] = this.#layouts.keys()
      if (oldest !== undefined && this.#layouts.size >= KEPT_LAYOUTS) this.#layouts.delete(oldest)
      this.#layouts.set(key, layout)
    }
    return layout
  }

  async #parseLayout(plane: Plane): Promise<PageLayout> {
    const { file, header, directory } = await this.#files.locate(plane)
    const layout = await readPageLayout(file, await TiffDirectory.read(file, header, directory))
    checkDecodable(file.path, layout)
    if (plane.shift === 0) return layout
    return { ...layout, offsets: layout.offsets.map((offset) => offset + plane.shift) }
  }

  async #chunk(plane: Plane, layout: PageLayout, index: number): Promise<Samples> {
    const key = `${keyOf(plane)}:${String(index)}`
    const cached = this.#cache.get(key)
    if (cached !== undefined) return cached
    const { file } = await this.#files.locate(plane)
    const samples = isFax(layout.compression)
      ? await decodeFax(file.path, layout, plane.index)
      : await decodeChunk(file, layout, index)
    this.#cache.put(key, samples)
    return samples
  }
}

/** Pyramids halve: this many levels are beyond any picture. */
const MOST_LEVELS = 32

function keyOf({ file, directory, index, shift }: Plane): string {
  return [file, directory ?? `i${String(index)}`, shift].join(':')
}

/** Copies what a chunk and the region share into the region's planar raster. */
function copyChunk(
  chunk: Samples,
  layout: PageLayout,
  place: { row: number; column: number; plane: number },
  region: Region,
  raster: Raster,
): void {
  const { chunkWidth } = layout
  const stride = chunkChannels(layout)
  const [left, top] = [place.column * chunkWidth, place.row * layout.chunkHeight]
  const fromX = Math.max(region.x, left)
  const toX = Math.min(region.x + region.width, left + chunkWidth)
  const fromY = Math.max(region.y, top)
  const toY = Math.min(region.y + region.height, top + chunkRows(layout, place.row))
  const channels = layout.planar ? 1 : raster.channels
  for (let channel = 0; channel < channels; channel++) {
    const plane = layout.planar ? place.plane : channel
    for (let y = fromY; y < toY; y++) {
      const source = ((y - top) * chunkWidth + fromX - left) * stride + channel
      const target = (plane * region.height + y - region.y) * region.width + fromX - region.x
      if (stride === 1) {
        raster.samples.set(chunk.subarray(source, source + toX - fromX), target)
      } else {
        for (let index = 0; index < toX - fromX; index++) {
          raster.samples[target + index] = chunk[source + index * stride] as number
        }
      }
    }
  }
}
