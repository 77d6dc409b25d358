import type { ImageSource, Samples } from '../../../src/model/images/image-source.ts'
import { RandomGenerator } from '../../../src/model/random.ts'

/** An image in memory, `[pages, channels, height, width]`, for what needs pixels and no file. */
export function memoryImage(
  samples: Uint16Array | Float32Array,
  {
    width,
    height,
    channels = 1,
    pages = 1,
  }: { width: number; height: number; channels?: number; pages?: number },
): ImageSource & { rowsRead: number } {
  return {
    path: 'memory',
    rowsRead: 0,
    info: {
      width,
      height,
      channels,
      pages,
      sampleType: samples instanceof Uint16Array ? 'uint16' : 'float32',
      bitsPerSample: 16,
      pixelSize: undefined,
      format: 'TIFF',
    },
    read(region, page = 0) {
      if (region.y + region.height > height || region.x + region.width > width)
        throw new RangeError('outside')
      this.rowsRead += region.height
      const part: Samples = new (samples.constructor as Uint16ArrayConstructor)(
        channels * region.width * region.height,
      )
      for (let row = 0; row < channels * region.height; row++) {
        const channel = Math.floor(row / region.height)
        const y = region.y + (row % region.height)
        const from = ((page * channels + channel) * height + y) * width + region.x
        part.set(samples.subarray(from, from + region.width), row * region.width)
      }
      return Promise.resolve({ samples: part, channels, width: region.width, height: region.height })
    },
    close: () => Promise.resolve(),
  }
}

/** Uniform noise of 16 bits, over which blobs lie, so that neither neighbours nor regions are alike. */
export function noiseImage(
  width: number,
  height: number,
  channels = 1,
  seed = 1,
): ImageSource & { rowsRead: number } {
  const random = new RandomGenerator(seed)
  const samples = new Uint16Array(channels * width * height)
  for (let index = 0; index < samples.length; index++) {
    const x = index % width
    const y = Math.floor(index / width)
    samples[index] = 20_000 * (1 + Math.sin(x / 37) * Math.cos(y / 53)) + 20_000 * random.next()
  }
  return memoryImage(samples, { width, height, channels })
}
