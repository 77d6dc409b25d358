import type { Decided } from './decided.ts'
import { largestPatch } from './decide-patches.ts'
import type { Fingerprint } from './fingerprint.ts'
import { areaOf, labelledImages } from './labelled-images.ts'
import { largestObject, smallestObject, thinnestObject } from './object-sizes.ts'
import { readable, timesText } from './words.ts'

/** Thinner than this a structure does not survive being halved. */
const thinnestToShrink = 4
/**
 * A run that sees each labelled place more often than this has time for full resolution: on hand-labelled nuclei half
 * of it was ahead at six looks (Dice 0.860 and 0.846), and no better at seven (0.869 both, other images).
 */
const fewPasses = 6
/** Objects at least this wide, in pixels, still show their shape at half the width. */
const wideEnoughToHalve = 24

/**
 * By how much images are shrunk: halved until an object is no wider than a patch of 256, and not below a thickness
 * of 2 pixels for any class; and halved once where the run is short and objects are wide enough. At half the
 * width and height a patch shows four times as much, so that the network gets around four times as often.
 * @param pixelsSeen pixels of all patches of the run together
 */
export function decideImageScale(fingerprint: Fingerprint, pixelsSeen: number): Decided<number> {
  const diameter = largestObject(fingerprint)
  const thinnest = thinnestObject(fingerprint)
  let scale = 1
  while (diameter * scale > largestPatch && thinnest * scale >= thinnestToShrink) scale /= 2
  if (scale < 1) {
    return {
      value: scale,
      decision: shrunkTo(scale),
      reason: `Objects are ${readable(diameter)} pixels wide, more than a patch of ${largestPatch} shows at once.`,
    }
  }
  const passes = pixelsSeen / areaOf(labelledImages(fingerprint))
  if (
    passes < fewPasses &&
    smallestObject(fingerprint) >= wideEnoughToHalve &&
    thinnest >= thinnestToShrink
  ) {
    return {
      value: 0.5,
      decision: shrunkTo(0.5),
      reason: `At full resolution the run would see each labelled place only ${timesText(passes)}; at half of it, four times as often. Objects are ${readable(smallestObject(fingerprint))} pixels wide and keep their shape. A longer run takes the full resolution.`,
    }
  }
  return {
    value: 1,
    decision: 'images are used at their own resolution',
    reason:
      diameter > largestPatch
        ? `Objects are ${readable(diameter)} pixels wide, but structures of ${readable(thinnest)} pixels would be lost at half the resolution.`
        : 'Nothing speaks for another: objects are no wider than a patch can be.',
  }
}

function shrunkTo(scale: number): string {
  return `images are shrunk to 1/${1 / scale} of their width and height`
}
