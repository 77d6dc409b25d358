import type { ImageSource, Region } from '../images/image-source.ts'

/** Images up to this many pixels are read in one go: a few megabytes, and cheaper than many small reads. */
const wholeReadPixels = 4_000_000
/** Larger ones are looked at through a grid of blocks, this many in each direction ... */
const blocksPerSide = 7
/** ... of this side. Together 200,704 pixels, about as many as a whole image is thinned to. */
const blockSide = 64
export const samplesPerImage = blocksPerSide * blocksPerSide * blockSide * blockSide

/** Pixels of one image, taken at the same places in every channel. */
export interface PixelSample {
  /** One array a channel. */
  channels: Float32Array[]
  /** Where each pixel lies: `y * width + x`. */
  positions: Uint32Array
}

/**
 * Takes at most 200,704 pixels, spread over the whole of the image's first page. A large image is read by
 * regions only, so that time and memory stay bounded whatever its size.
 * @throws SegscopeError where the file cannot be read
 */
export async function samplePixels(image: ImageSource): Promise<PixelSample> {
  const { width, height, channels } = image.info
  const pixels = width * height
  const regions = pixels <= wholeReadPixels ? [{ x: 0, y: 0, width, height }] : gridOfBlocks(width, height)
  // An odd step cannot fall in line with rows or blocks of an even size, which would sample few columns only.
  const step = regions.length > 1 ? 1 : Math.ceil(pixels / samplesPerImage) | 1
  const size = Math.ceil(regions.reduce((sum, region) => sum + region.width * region.height, 0) / step)
  const sample: PixelSample = {
    channels: Array.from({ length: channels }, () => new Float32Array(size)),
    positions: new Uint32Array(size),
  }
  let taken = 0
  for (const region of regions) {
    const raster = await image.read(region)
    const area = region.width * region.height
    for (let index = 0; index < area; index += step, taken++) {
      const x = region.x + (index % region.width)
      const y = region.y + Math.floor(index / region.width)
      sample.positions[taken] = y * width + x
      sample.channels.forEach((values, channel) => {
        values[taken] = raster.samples[channel * area + index] as number
      })
    }
  }
  return sample
}

function gridOfBlocks(width: number, height: number): Region[] {
  const regions: Region[] = []
  for (let row = 0; row < blocksPerSide; row++) {
    for (let column = 0; column < blocksPerSide; column++) {
      const [y, blockHeight] = blockWithin(height, row)
      const [x, blockWidth] = blockWithin(width, column)
      // An image of fewer than seven rows or columns has empty cells.
      if (blockWidth > 0 && blockHeight > 0) regions.push({ x, y, width: blockWidth, height: blockHeight })
    }
  }
  return regions
}

/** The block in the middle of the cell of this index: where it begins, and how long it is. */
function blockWithin(extent: number, index: number): [start: number, length: number] {
  const from = Math.floor((extent * index) / blocksPerSide)
  const to = Math.floor((extent * (index + 1)) / blocksPerSide)
  const length = Math.min(blockSide, to - from)
  return [from + Math.floor((to - from - length) / 2), length]
}
