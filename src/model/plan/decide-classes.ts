import { classFrequencies, commonestClass } from './class-frequencies.ts'
import type { Decided } from './decided.ts'
import type { ClassFacts } from './fingerprint.ts'
import { percent } from './words.ts'

/** Half of the patches are drawn by class, so that rare classes are seen; half from all that is labelled. */
const shareByClass = 0.5
/** Up to this thickness, in pixels, a boundary shifted by one pixel costs half of a structure. */
const thin = 3
/** Where a class is thin, the weight of each class is one over its frequency, to this power. */
const exponent = { thick: 0.25, thin: 0.4 }
/** More than this between two classes' weights, and single pixels of the rare one would drive the steps. */
const largestRatio = 20

/** Shares of the patches that are centred on each class. */
export function decideClassSampling(classes: readonly ClassFacts[]): Decided<number[]> {
  const background = commonestClass(classes)
  const drawn = classes.filter((facts) => facts.pixels > 0 && facts.value !== background)
  const value = classes.map((facts) => (drawn.includes(facts) ? shareByClass / drawn.length : 0))
  const frequencies = classFrequencies(classes)
  return {
    value,
    decision: `${percent(shareByClass / drawn.length)} of the patches on ${drawn.map((facts) => facts.name).join(', on ')}; the rest anywhere that is labelled`,
    reason: `Patches drawn at random would seldom meet the rare classes (${drawn
      .map((facts) => `${facts.name}: ${percent(frequencies[facts.value] as number)}`)
      .join(', ')} of the labelled pixels).`,
  }
}

/**
 * Weights of the classes in the cross-entropy, of mean 1. Cross-entropy learns probabilities, and the likeliest class
 * wins; Dice is best where a class is taken from half of its best Dice on (Lipton et al. 2014, "Optimal thresholding of
 * classifiers to maximize F1 measure"). A class that can reach 0.9 should win from 0.45, hardly below a half: with Dice
 * in the loss it needs no weight. A line one to three pixels thin, at 0.3 to 0.4, should win from 0.15 to 0.2: five times
 * the weight of what surrounds it. Inverse frequency (power 1) overshoots by far: 50 to 1 for a class of 2 %.
 */
export function decideClassWeights(classes: readonly ClassFacts[]): Decided<number[]> {
  const frequencies = classFrequencies(classes)
  const thinNames = classes.filter((facts) => facts.pixels > 0 && isThin(facts)).map((facts) => facts.name)
  const raw = classes.map((facts, index) => {
    if (facts.pixels === 0) return 0
    if (thinNames.length === 0) return 1
    return (frequencies[index] as number) ** -(isThin(facts) ? exponent.thin : exponent.thick)
  })
  const lightest = Math.min(...raw.filter((weight) => weight > 0))
  const capped = raw.map((weight) => Math.min(weight, lightest * largestRatio))
  const mean = capped.reduce((sum, weight) => sum + weight, 0) / capped.filter((weight) => weight > 0).length
  const value = capped.map((weight) => weight / mean)
  if (thinNames.length === 0) {
    return {
      value,
      decision: 'every labelled pixel counts alike',
      reason: 'The overlap in the loss and the choice of patches already see to the rare classes.',
    }
  }
  return {
    value,
    decision: classes
      .map((facts, index) => `${facts.name} ${(value[index] as number).toFixed(2)}`)
      .join(', '),
    reason: `${thinNames.join(', ')}: at most ${thin} pixels thin, where even a good network is unsure. Without weight such a class is drowned; in inverse proportion to its pixels it would be painted everywhere.`,
  }
}

/** Weight of soft Dice beside the cross-entropy. */
export function decideDiceWeight(): Decided<number> {
  return {
    value: 1,
    decision: 'cross-entropy, and as much soft Dice',
    reason:
      'Cross-entropy judges pixel by pixel, Dice the overlap of each class, rare or not. Together they are the usual choice for segmentation (nnU-Net).',
  }
}

function isThin(facts: ClassFacts): boolean {
  return facts.objectThickness !== undefined && facts.objectThickness <= thin
}
