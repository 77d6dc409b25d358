import type {
  AxisName,
  ImageInfo,
  ImageSource,
  Raster,
  Region,
  Samples,
} from '../../../model/images/image-source.ts'
import { checkRegion, createSamples } from '../regions.ts'

/** An array that can be read in part. */
export interface ArrayBlocks {
  /** A size an axis, outermost first. */
  shape: readonly number[]
  /** Reads a block: the innermost axis varies fastest, in the type that the image's information names. */
  read(start: readonly number[], count: readonly number[]): Promise<Samples>
}

/** An image that its file holds as one array, whatever the order of its axes. */
export class ArraySource implements ImageSource {
  readonly path: string
  readonly info: ImageInfo
  readonly #names: readonly (AxisName | undefined)[]
  readonly #levels: readonly ArrayBlocks[]
  readonly #close: () => Promise<void>

  /**
   * @param names of all axes of the array; undefined: one of length 1 that is none of the image's
   * @param levels the array, and smaller copies of it of the same axes
   */
  constructor(
    path: string,
    info: ImageInfo,
    names: readonly (AxisName | undefined)[],
    levels: readonly ArrayBlocks[],
    close: () => Promise<void>,
  ) {
    this.path = path
    this.info = info
    this.#names = names
    this.#levels = levels
    this.#close = close
  }

  async read(region: Region, page = 0): Promise<Raster> {
    checkRegion(this.info, region, page)
    return this.#read(this.#levels[0] as ArrayBlocks, region, page)
  }

  async readReduced(page: number, side: number): Promise<Raster | undefined> {
    const sizes = this.#levels.map((level) => this.#sizeOf(level))
    const full = sizes[0] as { width: number; height: number }
    const best = sizes.findLastIndex(
      ({ width, height }) =>
        Math.max(width, height) >= side && Math.max(width, height) < Math.max(full.width, full.height),
    )
    if (best === -1) return undefined
    return this.#read(
      this.#levels[best] as ArrayBlocks,
      { x: 0, y: 0, ...(sizes[best] as typeof full) },
      page,
    )
  }

  async close(): Promise<void> {
    await this.#close()
  }

  #sizeOf({ shape }: ArrayBlocks): { width: number; height: number } {
    return {
      width: shape[this.#names.indexOf('x')] as number,
      height: shape[this.#names.indexOf('y')] as number,
    }
  }

  async #read(level: ArrayBlocks, region: Region, page: number): Promise<Raster> {
    const { channels, zPlanes = 1 } = this.info
    const z = page % zPlanes
    const depth = level.shape[this.#names.indexOf('z')] ?? 1
    const places: Record<AxisName, [start: number, count: number]> = {
      c: [0, channels],
      // A smaller copy may have fewer planes.
      z: [Math.min(depth - 1, Math.floor((z * depth) / zPlanes)), 1],
      t: [Math.floor(page / zPlanes), 1],
      y: [region.y, region.height],
      x: [region.x, region.width],
    }
    const block = this.#names.map((name) => (name === undefined ? ([0, 1] as const) : places[name]))
    const samples = await level.read(
      block.map(([start]) => start),
      block.map(([, count]) => count),
    )
    return { samples: this.#toPlanar(samples, region), channels, width: region.width, height: region.height }
  }

  /** A block as `[channels, height, width]`. */
  #toPlanar(block: Samples, { width, height }: Region): Samples {
    const { channels, sampleType } = this.info
    const order = this.#names.filter((name) => name === 'c' || name === 'y' || name === 'x')
    if (order.join('') === 'cyx' || order.join('') === 'yx') return block
    const sizes: Partial<Record<AxisName, number>> = { c: channels, y: height, x: width }
    const strides: Partial<Record<AxisName, number>> = {}
    let stride = 1
    for (const name of order.toReversed()) {
      strides[name] = stride
      stride *= sizes[name] as number
    }
    const { c = 0, y = 0, x = 0 } = strides
    const planar = createSamples(sampleType, block.length)
    let at = 0
    for (let channel = 0; channel < channels; channel++) {
      for (let row = 0; row < height; row++) {
        let from = channel * c + row * y
        for (let column = 0; column < width; column++, from += x) planar[at++] = block[from] as number
      }
    }
    return planar
  }
}
