import { SegscopeError } from '../errors.ts'
import type { RandomGenerator } from '../random.ts'
import type { LabelIndex } from './label-index.ts'

/** A labelled pixel that a patch is to contain. */
export interface Anchor {
  /** Index of the image. */
  image: number
  x: number
  y: number
  label: number
}

/**
 * Draws labelled pixels: first a class, then an image, then one of its pixels of the class.
 *
 * Classes come up as `classSampling` says; what its shares leave of 1, and the shares of classes without a pixel,
 * is drawn from all labelled pixels. Images come up by the square root of their pixels of the class: in proportion,
 * one densely labelled image would crowd out those with a few strokes; all alike, a single stray pixel would be seen
 * as often as a whole image.
 */
export class PatchSampler {
  readonly #indexes: readonly LabelIndex[]
  /** Summed up, over the classes. */
  readonly #classes: Float64Array
  /** Summed up, over the images, one array a class. */
  readonly #images: Float64Array[]

  /** @throws SegscopeError `nothing-labelled` where no image has a labelled pixel */
  constructor(indexes: readonly LabelIndex[], classSampling: readonly number[]) {
    this.#indexes = indexes
    const pixels = classSampling.map((_, label) =>
      indexes.reduce((sum, index) => sum + (index.counts[label] as number), 0),
    )
    const all = pixels.reduce((sum, count) => sum + count, 0)
    if (all === 0) {
      throw new SegscopeError('nothing-labelled', 'None of the images to train on has a labelled pixel.', {
        remedy: 'Label some pixels of every class.',
      })
    }
    const shares = classSampling.map((share, label) => ((pixels[label] as number) > 0 ? share : 0))
    const rest = Math.max(0, 1 - shares.reduce((sum, share) => sum + share, 0))
    this.#classes = sumUp(shares.map((share, label) => share + (rest * (pixels[label] as number)) / all))
    this.#images = classSampling.map((_, label) =>
      sumUp(indexes.map((index) => Math.sqrt(index.counts[label] as number))),
    )
  }

  /**
   * Draws one anchor for each patch of a batch. Classes are drawn systematically (one uniform number, equal steps),
   * so that a batch's mixture of classes is as close to the shares as its size allows.
   */
  draw(count: number, random: RandomGenerator): Anchor[] {
    const start = random.next()
    return Array.from({ length: count }, (_, patch) => {
      const label = pick(this.#classes, (patch + start) / count)
      const image = pick(this.#images[label] as Float64Array, random.next())
      const index = this.#indexes[image] as LabelIndex
      const positions = index.positions[label] as Uint32Array
      const position = positions[random.nextInteger(positions.length)] as number
      return { image, x: position % index.width, y: Math.floor(position / index.width), label }
    })
  }
}

function sumUp(weights: readonly number[]): Float64Array {
  let sum = 0
  return Float64Array.from(weights, (weight) => (sum += weight))
}

/** The first entry whose sum lies above the share (0 to 1) of the whole: entries of weight 0 are never picked. */
function pick(sums: Float64Array, share: number): number {
  const target = share * (sums.at(-1) as number)
  let low = 0
  let high = sums.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sums[middle] as number) > target) high = middle
    else low = middle + 1
  }
  return low
}
