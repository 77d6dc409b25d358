import { SegscopeError } from '../../../model/errors.ts'
import type { ImageSource, Raster, Region, Samples } from '../../../model/images/image-source.ts'
import { createSamples } from '../regions.ts'
import { isSmallPlane, samplePlane } from '../sample-plane.ts'
import { halve } from './halve.ts'
import { tileRegion } from './levels.ts'

/** One tile of one channel of a level. */
export interface TilePlace {
  page: number
  channel: number
  level: number
  column: number
  row: number
}

/** Samples as a page gets them: `[height, width]`, little end first, 64-bit floats as 32-bit ones. */
export interface PixelTile {
  bytes: Uint8Array<ArrayBuffer>
  /** Coarser than it should be: what can be had while the image has no pyramid. */
  preliminary: boolean
}

/**
 * An open image as tiles of all its levels, with what was computed for them: the levels of the last plane where planes are
 * small, else a sample of it, which stands in for levels beyond the first.
 */
export class ImageView {
  readonly source: ImageSource
  #reduced: { page: number; levels: Raster[] } | undefined
  #sampled: { page: number; raster: Raster } | undefined

  constructor(source: ImageSource) {
    this.source = source
  }

  /** What the source and this may hold in memory at most. */
  get bytes(): number {
    const { width, height, channels, sampleType } = this.source.info
    return (width * height * channels * createSamples(sampleType, 0).BYTES_PER_ELEMENT * 4) / 3
  }

  /** @throws SegscopeError as `ImageSource.read`; `image-changed` where the image has no such tile */
  async tile({ page, channel, level, column, row }: TilePlace): Promise<PixelTile> {
    const { info } = this.source
    const region = tileRegion(info, { level, column, row })
    if (region === undefined || page >= info.pages || channel >= info.channels) {
      throw imageChanged(this.source.path)
    }
    if (level === 0) return exact(cut(await this.#read(region, page), channel))
    if (isSmallPlane(this.source.info)) {
      return exact(cut((await this.#levels(page, level)) as Raster, channel, region))
    }
    if (level === 1) {
      const [x, y] = [2 * region.x, 2 * region.y]
      const size = {
        width: Math.min(2 * region.width, info.width - x),
        height: Math.min(2 * region.height, info.height - y),
      }
      return exact(cut(halve(await this.#read({ x, y, ...size }, page)), channel))
    }
    return {
      bytes: bytesOf(enlarge(await this.sample(page), info, channel, level, region)),
      preliminary: true,
    }
  }

  /** See `samplePlane`. */
  async sample(page: number): Promise<Raster> {
    if (isSmallPlane(this.source.info)) return await samplePlane(this.source, page)
    if (this.#sampled?.page !== page) this.#sampled = { page, raster: await samplePlane(this.source, page) }
    return this.#sampled.raster
  }

  async #levels(page: number, level: number): Promise<Raster | undefined> {
    if (this.#reduced?.page !== page) {
      const { width, height } = this.source.info
      this.#reduced = { page, levels: [halve(await this.#read({ x: 0, y: 0, width, height }, page))] }
    }
    const { levels } = this.#reduced
    while (levels.length < level) levels.push(halve(levels.at(-1) as Raster))
    return levels[level - 1]
  }

  async #read(region: Region, page: number): Promise<Raster> {
    return inShownType(await this.source.read(region, page))
  }
}

/** 64-bit floats as 32-bit ones: no screen shows the difference. */
export function inShownType(raster: Raster): Raster {
  return raster.samples instanceof Float64Array
    ? { ...raster, samples: Float32Array.from(raster.samples) }
    : raster
}

export function imageChanged(file: string): SegscopeError {
  return new SegscopeError('image-changed', `${file} is not the image any more that was added.`, {
    file,
    remedy: 'Put the image back, or remove it from the project and add it again.',
  })
}

/** One channel of a region of a raster, or of all of it. */
export function cut(
  raster: Raster,
  channel: number,
  region: Region = { x: 0, y: 0, width: raster.width, height: raster.height },
): Samples {
  const plane = raster.width * raster.height
  const Constructor = raster.samples.constructor as Uint8ArrayConstructor
  const samples: Samples = new Constructor(region.width * region.height)
  for (let row = 0; row < region.height; row++) {
    const from = channel * plane + (region.y + row) * raster.width + region.x
    samples.set(raster.samples.subarray(from, from + region.width), row * region.width)
  }
  return samples
}

function exact(samples: Samples): PixelTile {
  return { bytes: bytesOf(samples), preliminary: false }
}

/** Typed arrays are little-endian wherever Node runs. */
export function bytesOf({ buffer, byteOffset, byteLength }: Samples): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)
}

/** A region of a level from a coarse sample of the whole plane, by the nearest pixel. */
function enlarge(
  sampled: Raster,
  full: { width: number; height: number },
  channel: number,
  level: number,
  region: Region,
): Samples {
  const raster = inShownType(sampled)
  const Constructor = raster.samples.constructor as Uint8ArrayConstructor
  const samples: Samples = new Constructor(region.width * region.height)
  const plane = channel * raster.width * raster.height
  const nearest = (at: number, fullSide: number, side: number): number =>
    Math.min(side - 1, Math.floor(((at + 0.5) * 2 ** level * side) / fullSide))
  const columns = Uint32Array.from({ length: region.width }, (_, x) =>
    nearest(region.x + x, full.width, raster.width),
  )
  for (let y = 0; y < region.height; y++) {
    const line = plane + nearest(region.y + y, full.height, raster.height) * raster.width
    for (let x = 0; x < region.width; x++) {
      samples[y * region.width + x] = raster.samples[line + (columns[x] as number)] as number
    }
  }
  return samples
}
