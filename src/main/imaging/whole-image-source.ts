import type { ImageInfo, ImageSource, Raster, Region } from '../../model/images/image-source.ts'
import { oversizedImage } from './image-errors.ts'
import { MAXIMUM_DECODED_BYTES } from './limits.ts'
import type { RandomAccessFile } from './random-access-file.ts'
import { checkRegion, createSamples, cropRaster } from './regions.ts'

/**
 * An image of a format that can only be decoded as a whole (PNG, JPEG): decoded at the first read and kept until
 * it is closed.
 */
export class WholeImageSource implements ImageSource {
  readonly path: string
  readonly info: ImageInfo
  readonly #file: RandomAccessFile
  readonly #decode: () => Promise<Raster>
  #raster: Promise<Raster> | undefined

  /** @throws SegscopeError `image-too-large` where the decoded pixels exceed MAXIMUM_DECODED_BYTES */
  constructor(file: RandomAccessFile, info: ImageInfo, decode: () => Promise<Raster>) {
    const bytes =
      info.width * info.height * info.channels * createSamples(info.sampleType, 0).BYTES_PER_ELEMENT
    if (bytes > MAXIMUM_DECODED_BYTES) {
      throw oversizedImage(
        file.path,
        `its ${String(info.width)}x${String(info.height)} pixels would take ${String(Math.ceil(bytes / 2 ** 20))} MiB of memory`,
      )
    }
    this.path = file.path
    this.#file = file
    this.info = info
    this.#decode = decode
  }

  async read(region: Region, page = 0): Promise<Raster> {
    checkRegion(this.info, region, page)
    this.#raster ??= this.#decode()
    return cropRaster(await this.#raster, region)
  }

  async close(): Promise<void> {
    this.#raster = undefined
    await this.#file.close()
  }
}
