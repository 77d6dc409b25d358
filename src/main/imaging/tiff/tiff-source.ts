import type { ImageInfo, ImageSource, Raster, Region, Samples } from '../../../model/images/image-source.ts'
import { CACHED_BYTES } from '../limits.ts'
import type { RandomAccessFile } from '../random-access-file.ts'
import { checkRegion, createSamples } from '../regions.ts'
import { ChunkCache } from './chunk-cache.ts'
import { checkDecodable, decodeChunk } from './decode-chunk.ts'
import { decodeFax } from './decode-fax.ts'
import { isFax } from './decompress.ts'
import { TiffDirectory, type TiffHeader } from './directory.ts'
import { chunkChannels, chunkRows, readPageLayout, type PageLayout } from './page-layout.ts'

/** Where a page's directory is. */
export interface Page {
  /** Bytes from the file's start. */
  directory: number
  /** Its place in the file's chain of directories. */
  index: number
  /** Bytes to add to the directory's offsets: ImageJ's large stacks have one directory for all pages. */
  shift: number
}

/** A TIFF whose regions are read strip by strip or tile by tile. */
export class TiffSource implements ImageSource {
  readonly path: string
  readonly info: ImageInfo
  readonly #file: RandomAccessFile
  readonly #header: TiffHeader
  readonly #pages: Page[]
  readonly #cache = new ChunkCache(CACHED_BYTES)
  #current: { page: number; layout: Promise<PageLayout> } | undefined

  constructor(file: RandomAccessFile, header: TiffHeader, info: ImageInfo, pages: Page[]) {
    this.path = file.path
    this.info = info
    this.#file = file
    this.#header = header
    this.#pages = pages
  }

  async read(region: Region, page = 0): Promise<Raster> {
    checkRegion(this.info, region, page)
    const layout = await this.#layout(page)
    const { chunkWidth, chunkHeight, chunksAcross, chunksDown } = layout
    const { channels } = this.info
    const samples = createSamples(this.info.sampleType, channels * region.height * region.width)
    const raster = { samples, channels, width: region.width, height: region.height }
    const lastRow = Math.floor((region.y + region.height - 1) / chunkHeight)
    const lastColumn = Math.floor((region.x + region.width - 1) / chunkWidth)
    for (let plane = 0; plane < (layout.planar ? channels : 1); plane++) {
      for (let row = Math.floor(region.y / chunkHeight); row <= lastRow; row++) {
        for (let column = Math.floor(region.x / chunkWidth); column <= lastColumn; column++) {
          const chunk = await this.#chunk(page, layout, (plane * chunksDown + row) * chunksAcross + column)
          copyChunk(chunk, layout, { row, column, plane }, region, raster)
        }
      }
    }
    return raster
  }

  async close(): Promise<void> {
    this.#cache.clear()
    await this.#file.close()
  }

  #layout(page: number): Promise<PageLayout> {
    if (this.#current?.page !== page) {
      this.#current = { page, layout: this.#readLayout(this.#pages[page] as Page) }
    }
    return this.#current.layout
  }

  async #readLayout(page: Page): Promise<PageLayout> {
    const directory = await TiffDirectory.read(this.#file, this.#header, page.directory)
    const layout = await readPageLayout(this.#file, directory)
    checkDecodable(this.path, layout)
    return {
      ...layout,
      offsets: page.shift === 0 ? layout.offsets : layout.offsets.map((offset) => offset + page.shift),
    }
  }

  async #chunk(page: number, layout: PageLayout, index: number): Promise<Samples> {
    const key = `${String(page)}:${String(index)}`
    const cached = this.#cache.get(key)
    if (cached !== undefined) return cached
    const samples = isFax(layout.compression)
      ? await decodeFax(this.path, layout, (this.#pages[page] as Page).index)
      : await decodeChunk(this.#file, layout, index)
    this.#cache.put(key, samples)
    return samples
  }
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
