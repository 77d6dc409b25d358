import type { Decided } from './decided.ts'
import type { Fingerprint } from './fingerprint.ts'
import { areaOf, labelledImages } from './labelled-images.ts'
import type { Augmentation, Normalisation } from './plan.ts'
import { timesText } from './words.ts'

/** Strengths that leave microscopy images believable, for a network that sees each place some ten times. */
const usual: Augmentation = {
  flips: true,
  quarterTurns: true,
  scale: 1.25,
  shear: 0.1,
  elastic: 1.5,
  contrast: 0.25,
  brightness: 0.15,
  gamma: 0.25,
  noise: 0.12,
  blur: 0.8,
}
/** From this many looks at each place on it pays to make them differ more; below the fewer, to keep them clean. */
const manyPasses = 50
const fewPasses = 5
/** Lines this thin, in pixels, are torn by resampling their labels. */
const tornBelow = 3

/**
 * How much patches are varied.
 * @param pixelsSeen pixels of all patches of the run together
 */
export function decideAugmentation(
  fingerprint: Fingerprint,
  scope: Normalisation['scope'],
  pixelsSeen: number,
): Decided<Augmentation> {
  const passes = pixelsSeen / areaOf(labelledImages(fingerprint))
  const strength = passes > manyPasses ? 1.5 : passes < fewPasses ? 0.5 : 1
  const hasThinLines = fingerprint.classes.some((facts) => (facts.objectThickness ?? Infinity) < tornBelow)
  const bending = hasThinLines ? 0.3 * strength : strength
  // Where images were made under different conditions, what is brightest differs, and how large, sharp and noisy things are.
  const variety = scope === 'image' ? 2 : 1
  const appearance = variety * strength
  const value: Augmentation = {
    flips: true,
    quarterTurns: true,
    scale: 1 + (usual.scale - 1) * bending * variety,
    shear: usual.shear * bending,
    elastic: hasThinLines ? 0 : usual.elastic * strength,
    contrast: usual.contrast * appearance,
    brightness: usual.brightness * appearance,
    gamma: usual.gamma * appearance,
    noise: usual.noise * appearance,
    blur: hasThinLines ? usual.blur / 2 : usual.blur * appearance,
  }
  const word = strength > 1 ? 'strong' : strength < 1 ? 'light' : 'usual'
  return {
    value,
    decision: `flips and quarter turns; ${word} changes of size, shape and brightness`,
    reason: `Under a microscope no direction is up. Each labelled place is seen about ${timesText(passes)}.${
      scope === 'image'
        ? ' The images were made under different conditions: size, brightness, sharpness and noise vary twice as much.'
        : ''
    }${hasThinLines ? ' Some structures are thinner than three pixels and would be torn by bending.' : ''}`,
  }
}
