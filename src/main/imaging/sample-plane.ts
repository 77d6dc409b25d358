import type { ImageInfo, ImageSource, Raster } from '../../model/images/image-source.ts'
import { createSamples } from './regions.ts'

/** Planes of up to this many bytes, 4096 x 4096 pixels of 32 bits, are read whole: that takes a fraction of a second. */
const SMALL_PLANE_BYTES = 2 ** 26
/** Of the sample of a larger plane, in pixels. */
const LONGEST_SIDE = 1024
/** How long a sample of a larger plane may take to read, after its first row. */
const READING_MILLISECONDS = 500

/** Whether a plane is so small that it is read whole wherever it is needed. */
export function isSmallPlane(info: Pick<ImageInfo, 'width' | 'height' | 'channels' | 'sampleType'>): boolean {
  const { width, height, channels, sampleType } = info
  return width * height * channels * createSamples(sampleType, 0).BYTES_PER_ELEMENT <= SMALL_PLANE_BYTES
}

/**
 * A plane as it can be had at once: a small one whole; of a larger one every n-th pixel of every n-th row, coarse rows first and
 * finer ones between while there is time, each standing in for those below it that were not read.
 * @throws SegscopeError as `ImageSource.read`
 */
export async function samplePlane(source: ImageSource, page: number): Promise<Raster> {
  const { width, height, channels, sampleType } = source.info
  if (isSmallPlane(source.info)) return await source.read({ x: 0, y: 0, width, height }, page)
  const factor = Math.ceil(Math.max(width, height) / LONGEST_SIDE)
  const sampled = { width: Math.ceil(width / factor), height: Math.ceil(height / factor) }
  const samples = createSamples(sampleType, channels * sampled.width * sampled.height)
  let deadline: number | undefined
  for (let stride = LONGEST_SIDE; stride >= 1; stride /= 2) {
    // Those at multiples of the double were read before.
    for (let y = stride === LONGEST_SIDE ? 0 : stride; y < sampled.height; y += 2 * stride) {
      if (deadline !== undefined && performance.now() > deadline) break
      const middle = Math.min(height - 1, y * factor + (factor >> 1))
      const row = await source.read({ x: 0, y: middle, width, height: 1 }, page)
      // A picture that is only decoded whole is decoded by now.
      deadline ??= performance.now() + READING_MILLISECONDS
      for (let channel = 0; channel < channels; channel++) {
        const start = (channel * sampled.height + y) * sampled.width
        for (let x = 0; x < sampled.width; x++) {
          const column = Math.min(width - 1, x * factor + (factor >> 1))
          samples[start + x] = row.samples[channel * width + column] as number
        }
        const below = Math.min(y + stride, sampled.height) - y
        for (let copy = 1; copy < below; copy++) {
          samples.copyWithin(start + copy * sampled.width, start, start + sampled.width)
        }
      }
    }
  }
  return { samples, channels, ...sampled }
}
