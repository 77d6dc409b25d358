import type { ImageSource, Raster } from '../../model/images/image-source.ts'
import { oversizedImage } from './image-errors.ts'
import { MAXIMUM_DECODED_BYTES } from './limits.ts'
import { createSamples } from './regions.ts'

/**
 * Reads one whole page: `[channels, height, width]`.
 * @throws SegscopeError where the file is cut or lies, `image-too-large` where the plane exceeds MAXIMUM_DECODED_BYTES
 */
export async function readPlane(source: ImageSource, page = 0): Promise<Raster> {
  const { width, height, channels, sampleType } = source.info
  const bytes = width * height * channels * createSamples(sampleType, 0).BYTES_PER_ELEMENT
  if (bytes > MAXIMUM_DECODED_BYTES) {
    throw oversizedImage(source.path, `a plane takes ${String(Math.ceil(bytes / 2 ** 20))} MiB of memory`)
  }
  return source.read({ x: 0, y: 0, width, height }, page)
}
