import type { RandomGenerator } from '../../model/random.ts'

/** A 12-bit camera that stores 16-bit samples. Values in its units (ADU). */
const FULL_SCALE = 4095
const OFFSET = 100
const BACKGROUND_SIGNAL = 1150
/** Electrons a unit: shot noise has the variance signal / gain. */
const ELECTRONS_A_UNIT = 0.8
const READ_NOISE = 6
const HOT_PIXELS = 9

/** One microscope: its uneven light and its defective pixels are the same in every picture. */
export class Camera {
  readonly size: number
  private readonly illumination: Float32Array
  private readonly hotPixels: { at: number; extra: number }[]

  constructor(size: number, random: RandomGenerator) {
    this.size = size
    this.illumination = unevenLight(size, random)
    this.hotPixels = Array.from({ length: HOT_PIXELS }, () => ({
      at: random.nextInteger(size * size),
      extra: random.uniform(900, 6000),
    }))
  }

  /**
   * Takes a picture: blur by `defocus` (standard deviation, pixels), uneven light, shot and read noise, hot pixels.
   * @param light `[height, width]`, 1 where all the light of the lamp passes
   * @param exposure 1: bare agar in the middle gives about 1,250 of 4,095
   */
  expose(light: Float32Array, exposure: number, defocus: number, random: RandomGenerator): Uint16Array {
    const blurred = gaussianBlur(light, this.size, defocus)
    const picture = new Uint16Array(light.length)
    const write = (at: number, value: number) => {
      picture[at] = Math.round(Math.min(FULL_SCALE, Math.max(0, value)))
    }
    for (let at = 0; at < picture.length; at++) {
      const signal =
        BACKGROUND_SIGNAL * exposure * (this.illumination[at] as number) * Math.max(0, blurred[at] as number)
      const noise = Math.sqrt(signal / ELECTRONS_A_UNIT + READ_NOISE ** 2)
      write(at, OFFSET + signal + noise * random.normal())
    }
    for (const { at, extra } of this.hotPixels) write(at, (picture[at] as number) + extra)
    return picture
  }
}

/** Vignetting around a point off the middle, a slope across the field, and the soft shadows of dust on the lens. */
function unevenLight(size: number, random: RandomGenerator): Float32Array {
  const centreX = size * random.uniform(0.4, 0.6)
  const centreY = size * random.uniform(0.4, 0.6)
  const slopeX = random.uniform(-0.08, 0.08)
  const slopeY = random.uniform(-0.08, 0.08)
  const dust = Array.from({ length: 4 }, () => ({
    x: random.uniform(0, size),
    y: random.uniform(0, size),
    radius: random.uniform(10, 22),
    shadow: random.uniform(0.02, 0.05),
  }))
  const illumination = new Float32Array(size * size)
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const fromCentre = ((x - centreX) ** 2 + (y - centreY) ** 2) / (size * size)
      let factor = 1.06 - 0.55 * fromCentre + slopeX * (x / size - 0.5) + slopeY * (y / size - 0.5)
      for (const spot of dust) {
        factor *= 1 - spot.shadow * Math.exp(-((x - spot.x) ** 2 + (y - spot.y) ** 2) / spot.radius ** 2)
      }
      illumination[y * size + x] = factor
    }
  }
  return illumination
}

/** Smooth noise of mean 0 and standard deviation about 1, with grains of a few pixels. */
export function plateGrain(size: number, random: RandomGenerator): Float32Array {
  const white = Float32Array.from({ length: size * size }, () => random.normal())
  const sigma = 1.8
  const grain = gaussianBlur(white, size, sigma)
  // blurring white noise by a Gaussian divides its standard deviation by 2 sqrt(pi) sigma
  const restore = 2 * Math.sqrt(Math.PI) * sigma
  return grain.map((value) => value * restore)
}

/** Separable, on a square plane, with the nearest pixel repeated beyond the border. */
function gaussianBlur(plane: Float32Array, size: number, sigma: number): Float32Array {
  const reach = Math.ceil(3 * sigma)
  const kernel = Array.from({ length: 2 * reach + 1 }, (_, tap) =>
    Math.exp(-((tap - reach) ** 2) / (2 * sigma ** 2)),
  )
  const total = kernel.reduce((sum, tap) => sum + tap, 0)
  const along = (source: Float32Array, stepAlong: number, stepAcross: number) => {
    const target = new Float32Array(source.length)
    for (let across = 0; across < size; across++) {
      for (let position = 0; position < size; position++) {
        let sum = 0
        for (let tap = -reach; tap <= reach; tap++) {
          const near = Math.min(size - 1, Math.max(0, position + tap))
          sum += (kernel[tap + reach] as number) * (source[across * stepAcross + near * stepAlong] as number)
        }
        target[across * stepAcross + position * stepAlong] = sum / total
      }
    }
    return target
  }
  return along(along(plane, 1, size), size, 1)
}
