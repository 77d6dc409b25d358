import type { ImageFacts } from './fingerprint.ts'

/** An image whose bright share lies this near to half is neither bright nor dark: another field of the same plate might be the other. */
const unclear = 0.1
/** Inverting must bring classes this much nearer together: chance alone would do so a little. */
const largestShareLeft = 0.5

/**
 * How many images are to be inverted so that the same class looks alike in all: those that are mostly bright, as under
 * transmitted light, where others are mostly dark, as under fluorescence. A network would have to learn each class twice
 * otherwise, and takes the dark middle of a large stained nucleus for the background of the others.
 *
 * Brightness alone would also invert a dark image that is full of bright objects: hence the labels are asked. 0 where all are alike,
 * where an image is neither, or where the classes do not come nearer to those of the dark images.
 * @param images with labels
 */
export function imagesToInvert(images: readonly Pick<ImageFacts, 'brightShare' | 'classLevels'>[]): number {
  if (images.some(({ brightShare }) => Math.abs(brightShare - 0.5) < unclear)) return 0
  const bright = images.filter(({ brightShare }) => brightShare > 0.5)
  const usual = middleLevels(images.filter(({ brightShare }) => brightShare < 0.5))
  let asTheyAre = 0
  let inverted = 0
  for (const { classLevels } of bright) {
    for (const [value, level] of classLevels.entries()) {
      const wanted = usual.get(value)
      if (level === undefined || wanted === undefined) continue
      asTheyAre += Math.abs(level - wanted)
      inverted += Math.abs(-level - wanted)
    }
  }
  return inverted < largestShareLeft * asTheyAre ? bright.length : 0
}

/** Mean of the images' levels, by class. */
function middleLevels(images: readonly Pick<ImageFacts, 'classLevels'>[]): Map<number, number> {
  const sums = new Map<number, { sum: number; count: number }>()
  for (const { classLevels } of images) {
    for (const [value, level] of classLevels.entries()) {
      if (level === undefined) continue
      const { sum, count } = sums.get(value) ?? { sum: 0, count: 0 }
      sums.set(value, { sum: sum + level, count: count + 1 })
    }
  }
  return new Map([...sums].map(([value, { sum, count }]) => [value, sum / count]))
}
