import type { ImageInfo, ImageSource, Raster, Region } from '../../model/images/image-source.ts'
import type { LabelMap } from '../../model/images/label-map.ts'
import { openImage } from '../imaging/open-image.ts'
import { cropRaster } from '../imaging/regions.ts'

/**
 * Decoded images and label maps kept in memory, in the files' own types, up to a bound. What comes first stays, and
 * what does not fit is read from its file each time: of a set larger than memory, replacing what is there would read
 * whole images for the sake of single patches.
 */
export class ImageMemory {
  #bytesLeft: number

  constructor(bytes: number) {
    this.#bytesLeft = bytes
  }

  /** Takes this much of the memory, if there is as much left. */
  reserve(bytes: number): boolean {
    if (bytes > this.#bytesLeft) return false
    this.#bytesLeft -= bytes
    return true
  }

  /**
   * An image whose file is open only while it is read, so that any number can be in use.
   * @throws SegscopeError as `openImage`
   */
  async image(path: string): Promise<ImageSource> {
    const source = await openImage(path)
    await source.close()
    return new RememberedImage(this, path, source.info)
  }

  /** A function that reads a label map, only once where it can be kept. */
  labels(read: () => Promise<LabelMap>): () => Promise<LabelMap> {
    let kept: LabelMap | undefined
    return async () => {
      if (kept !== undefined) return kept
      const labels = await read()
      if (this.reserve(labels.values.byteLength)) kept = labels
      return labels
    }
  }
}

class RememberedImage implements ImageSource {
  readonly path: string
  readonly info: ImageInfo
  readonly #memory: ImageMemory
  #plane: Raster | undefined

  constructor(memory: ImageMemory, path: string, info: ImageInfo) {
    this.#memory = memory
    this.path = path
    this.info = info
  }

  async read(region: Region, page = 0): Promise<Raster> {
    if (this.#plane !== undefined && page === 0) return cropRaster(this.#plane, region)
    const source = await openImage(this.path)
    try {
      const { width, height, channels, bitsPerSample } = this.info
      const bytes = width * height * channels * Math.ceil(bitsPerSample / 8)
      if (page !== 0 || !this.#memory.reserve(bytes)) return await source.read(region, page)
      this.#plane = await source.read({ x: 0, y: 0, width, height })
      return cropRaster(this.#plane, region)
    } finally {
      await source.close()
    }
  }

  close(): Promise<void> {
    this.#plane = undefined
    return Promise.resolve()
  }
}
