import type { RandomGenerator } from '../src/model/random.ts'
import { blurPlane } from '../src/model/training/augmentation/blur.ts'

/** Height and width of the images, in pixels. */
export const SIDE = 256

/** `[SIDE, SIDE]`. */
export type Plane = Float32Array<ArrayBuffer>

export function makePlane(valueAt: (at: number) => number): Plane {
  return Float32Array.from({ length: SIDE * SIDE }, (_, at) => valueAt(at))
}

/** @param deviation of a Gaussian, in pixels; the plane itself stays as it is */
export function blurred(plane: Plane, deviation: number): Plane {
  const copy = plane.slice()
  if (deviation > 0) blurPlane(copy, SIDE, deviation)
  return copy
}

/** Noise with grains of about `deviation` pixels; mean about 0, standard deviation 1. */
export function smoothNoise(deviation: number, random: RandomGenerator): Plane {
  const plane = blurred(
    makePlane(() => random.normal()),
    deviation,
  )
  const power = plane.reduce((sum, value) => sum + value * value, 0) / plane.length
  return plane.map((value) => value / Math.sqrt(power))
}

/** A slow change across the picture, as of uneven light: a few long waves, standard deviation about 1. */
export function unevenness(random: RandomGenerator): Plane {
  const waves = Array.from({ length: 4 }, () => ({
    x: random.normal() / SIDE,
    y: random.normal() / SIDE,
    phase: random.uniform(0, 2 * Math.PI),
  }))
  return makePlane((at) => {
    const [x, y] = [at % SIDE, Math.floor(at / SIDE)]
    return (
      waves.reduce((sum, wave) => sum + Math.sin(3 * (wave.x * x + wave.y * y) + wave.phase), 0) / Math.SQRT2
    )
  })
}

/** The value below which the share `share` of the plane's pixels lies. */
export function quantile(plane: Plane, share: number): number {
  return plane.slice().sort()[Math.min(plane.length - 1, Math.floor(share * plane.length))] as number
}

export function isDrawn(share: number, random: RandomGenerator): boolean {
  return random.next() < share
}

/** Between `low` and `high`, each power of two as often as the next. */
export function logUniform(low: number, high: number, random: RandomGenerator): number {
  return low * (high / low) ** random.next()
}
