import type { Augmentation } from '../../plan/plan.ts'
import type { RandomGenerator } from '../../random.ts'
import { blurPlane } from './blur.ts'

/**
 * Shares of the patches that are changed in each way. All changes at once on every patch would leave none that looks
 * like the images to be segmented; nnU-Net's shares lie between 0.1 and 0.3.
 */
const shares = { blur: 0.3, gamma: 0.3, contrastAndBrightness: 0.5, noise: 0.3 }

/**
 * Changes the brightness of a patch in place, in the order in which a microscope does: the optics blur, the light
 * and the camera's curve change, and the camera adds noise. Channels change alike, except for the noise.
 * @param patch `[channels, side, side]`, normalised
 */
export function augmentIntensity(
  patch: Float32Array,
  side: number,
  augmentation: Augmentation,
  random: RandomGenerator,
): void {
  const planes = Array.from({ length: patch.length / side ** 2 }, (_, channel) =>
    patch.subarray(channel * side ** 2, (channel + 1) * side ** 2),
  )
  if (augmentation.blur > 0 && random.next() < shares.blur) {
    const deviation = random.uniform(0, augmentation.blur)
    // A thinner Gaussian than this leaves the neighbours less than a thousandth.
    if (deviation > 0.25) for (const plane of planes) blurPlane(plane, side, deviation)
  }
  if (augmentation.gamma > 0 && random.next() < shares.gamma) {
    const exponent = (1 + augmentation.gamma) ** random.uniform(-1, 1)
    for (const plane of planes) bendBrightness(plane, exponent)
  }
  if (random.next() < shares.contrastAndBrightness) {
    const factor = random.uniform(1 - augmentation.contrast, 1 + augmentation.contrast)
    const shift = random.uniform(-augmentation.brightness, augmentation.brightness)
    for (const plane of planes) stretch(plane, factor, shift)
  }
  if (augmentation.noise > 0 && random.next() < shares.noise) {
    addNoise(patch, random.uniform(0, augmentation.noise), random)
  }
}

/** Raises brightness to a power, between the plane's own darkest and brightest value, which stay. */
function bendBrightness(plane: Float32Array, exponent: number): void {
  let low = Infinity
  let high = -Infinity
  for (const value of plane) {
    if (value < low) low = value
    if (value > high) high = value
  }
  if (high === low) return
  const range = high - low
  for (let index = 0; index < plane.length; index++) {
    plane[index] = low + range * (((plane[index] as number) - low) / range) ** exponent
  }
}

/** Contrast changes about the plane's mean, which `shift` is added to. */
function stretch(plane: Float32Array, factor: number, shift: number): void {
  let sum = 0
  for (const value of plane) sum += value
  const offset = (sum / plane.length) * (1 - factor) + shift
  for (let index = 0; index < plane.length; index++) plane[index] = (plane[index] as number) * factor + offset
}

/** Adds normal noise; Box and Muller's method gives two values for two uniform ones. */
function addNoise(values: Float32Array, deviation: number, random: RandomGenerator): void {
  for (let index = 0; index < values.length; index += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(1 - random.next()))
    const angle = 2 * Math.PI * random.next()
    values[index] = (values[index] as number) + radius * Math.cos(angle)
    values[index + 1] = (values[index + 1] as number) + radius * Math.sin(angle)
  }
}
