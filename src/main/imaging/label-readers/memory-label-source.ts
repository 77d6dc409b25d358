import type { ImageInfo, ImageSource, Raster, Region } from '../../../model/images/image-source.ts'
import { checkRegion, cropRaster } from '../regions.ts'

/** Label values in memory, a page each. */
export class MemoryLabelSource implements ImageSource {
  readonly path: string
  readonly info: ImageInfo
  readonly #pages: readonly Uint32Array[]

  /** @param pages `[height, width]` each */
  constructor(path: string, format: string, width: number, height: number, pages: readonly Uint32Array[]) {
    this.path = path
    this.#pages = pages
    this.info = {
      width,
      height,
      channels: 1,
      pages: pages.length,
      sampleType: 'uint32',
      bitsPerSample: 32,
      pixelSize: undefined,
      format,
    }
  }

  async read(region: Region, page = 0): Promise<Raster> {
    checkRegion(this.info, region, page)
    const { width, height } = this.info
    return cropRaster({ samples: this.#pages[page] as Uint32Array, channels: 1, width, height }, region)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
