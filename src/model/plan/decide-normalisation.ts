import type { Decided } from './decided.ts'
import type { Fingerprint } from './fingerprint.ts'
import type { Normalisation } from './plan.ts'
import { percent, readable } from './words.ts'

/**
 * Where the same thing, background or a class, differs in brightness from image to image by more than this share
 * of the data set's range, one scale for all would leave the dim images without contrast. Fields of one exposure
 * stay below a tenth; mixed exposures and stains were measured at two thirds and more.
 */
const largestSpread = 0.25

/** Maps brightness to about -1 ... 1, by the data set's percentiles or by each image's own. */
export function decideNormalisation(fingerprint: Fingerprint): Decided<Normalisation> {
  const channels = fingerprint.intensities.map(({ percentile005, percentile995 }) => ({
    low: percentile005,
    // A data set of one value has no range; any will do.
    high: percentile995 > percentile005 ? percentile995 : percentile005 + 1,
  }))
  const because = reasonForOwnRange(fingerprint)
  if (because !== undefined) {
    return {
      value: { channels, scope: 'image' },
      decision: 'each image by its own range (its percentiles 0.5 to 99.5)',
      reason: `${because} Hot pixels do not move percentiles.`,
    }
  }
  const bits = Math.max(...fingerprint.intensities.map((facts) => facts.usedBits))
  const ranges = channels.map(({ low, high }) => `${readable(low)} to ${readable(high)}`).join(', ')
  return {
    value: { channels, scope: 'data set' },
    decision: `one range for all images: ${ranges}`,
    reason: `The images were exposed alike, so that brightness itself tells something. These are percentiles 0.5 and 99.5 of the whole data set, which hot pixels do not move; the values use ${bits} bits.`,
  }
}

function reasonForOwnRange({ images, intensities }: Fingerprint): string | undefined {
  const distinct = (of: (image: Fingerprint['images'][number]) => unknown): number =>
    new Set(images.map(of)).size
  if (distinct((image) => image.sampleType) > 1) return 'The images are of different sample types.'
  if (distinct((image) => image.colour) > 1) return 'Grey and colour images are mixed.'
  if (distinct((image) => image.unusedLowBits) > 1) {
    return 'In some images the values are shifted left by some bits, in others they are not.'
  }
  const classSpread = Math.max(...intensities.map((facts) => facts.classSpread))
  if (classSpread > largestSpread) {
    return `The same class differs in brightness from image to image by ${percent(classSpread)} of the data set's range.`
  }
  const medianSpread = Math.max(...intensities.map((facts) => facts.medianSpread))
  if (medianSpread > largestSpread) {
    return `The images' medians differ by ${percent(medianSpread)} of the data set's range.`
  }
  return undefined
}
