import { UNLABELLED, type LabelMap } from './label-map.ts'
import type { ImageInfo, ImageSource, Raster, Region } from './image-source.ts'

/**
 * How many pixels in each direction become one, for a plan's `imageScale`.
 * @throws RangeError where the scale is not one over a whole number
 */
export function shrinkFactor(imageScale: number): number {
  const factor = Math.round(1 / imageScale)
  if (factor < 1 || Math.abs(factor * imageScale - 1) > 1e-9) {
    throw new RangeError(`An image scale of ${String(imageScale)} is not 1, 1/2, 1/3, ...`)
  }
  return factor
}

/**
 * The image as the network sees it where the plan shrinks images: each pixel is the mean of `factor` x `factor`
 * (fewer at the right and lower border, where the size is rounded up), in float32. Shrinking by means, unlike picking
 * pixels, lets no fine pattern turn into a coarse one. Closing it closes the image; factor 1 gives the image itself.
 */
export function shrinkImage(image: ImageSource, factor: number): ImageSource {
  return factor === 1 ? image : new ShrunkImage(image, factor)
}

class ShrunkImage implements ImageSource {
  readonly path: string
  readonly info: ImageInfo
  readonly #image: ImageSource
  readonly #factor: number

  constructor(image: ImageSource, factor: number) {
    const { width, height, pixelSize } = image.info
    this.path = image.path
    this.info = {
      ...image.info,
      width: Math.ceil(width / factor),
      height: Math.ceil(height / factor),
      sampleType: 'float32',
      bitsPerSample: 32,
      pixelSize: pixelSize && { ...pixelSize, x: pixelSize.x * factor, y: pixelSize.y * factor },
    }
    this.#image = image
    this.#factor = factor
  }

  async read(region: Region, page?: number): Promise<Raster> {
    const factor = this.#factor
    const { width, height } = this.#image.info
    const x = region.x * factor
    const y = region.y * factor
    const right = Math.min(width, (region.x + region.width) * factor)
    const bottom = Math.min(height, (region.y + region.height) * factor)
    return shrinkRaster(await this.#image.read({ x, y, width: right - x, height: bottom - y }, page), factor)
  }

  close(): Promise<void> {
    return this.#image.close()
  }
}

function shrinkRaster({ samples, channels, width, height }: Raster, factor: number): Raster {
  const columns = Math.ceil(width / factor)
  const rows = Math.ceil(height / factor)
  const means = new Float32Array(channels * rows * columns)
  for (let channel = 0; channel < channels; channel++) {
    for (let row = 0; row < rows; row++) {
      const bottom = Math.min(height, (row + 1) * factor)
      for (let column = 0; column < columns; column++) {
        const right = Math.min(width, (column + 1) * factor)
        let sum = 0
        for (let y = row * factor; y < bottom; y++) {
          const line = (channel * height + y) * width
          for (let x = column * factor; x < right; x++) sum += samples[line + x] as number
        }
        const pixels = (bottom - row * factor) * (right - column * factor)
        means[(channel * rows + row) * columns + column] = sum / pixels
      }
    }
  }
  return { samples: means, channels, width: columns, height: rows }
}

/**
 * The labels of a shrunk image: the commonest class among the labelled pixels of each cell (the lowest of equals),
 * so that a stroke one pixel wide stays.
 */
export function shrinkLabels(labels: LabelMap, factor: number): LabelMap {
  if (factor === 1) return labels
  const width = Math.ceil(labels.width / factor)
  const height = Math.ceil(labels.height / factor)
  const values = new Uint8Array(width * height).fill(UNLABELLED)
  const counts = new Uint32Array(256)
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      counts.fill(0)
      for (let y = row * factor; y < Math.min(labels.height, (row + 1) * factor); y++) {
        for (let x = column * factor; x < Math.min(labels.width, (column + 1) * factor); x++) {
          const value = labels.values[y * labels.width + x] as number
          counts[value] = (counts[value] as number) + 1
        }
      }
      let most = 0
      for (let value = 0; value < UNLABELLED; value++) {
        if ((counts[value] as number) > most) {
          most = counts[value] as number
          values[row * width + column] = value
        }
      }
    }
  }
  return { width, height, values }
}
