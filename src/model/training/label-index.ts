import { SegscopeError } from '../errors.ts'
import { UNLABELLED, type LabelMap } from '../images/label-map.ts'
import { RandomGenerator } from '../random.ts'

/** Where the labelled pixels of one image are. */
export interface LabelIndex {
  /** Of the label map, in pixels. */
  width: number
  /** All pixels of each class. */
  counts: number[]
  /** `y * width + x` of pixels of each class, in rising order: all of them, or `limit` spread evenly over all. */
  positions: Uint32Array[]
}

/** Any will do: it decides which pixels stand for the others, and must not differ from run to run. */
const thinningSeed = 1

/**
 * Lists the labelled pixels by class. Of a class with more than `limit` pixels, each `count / limit` in a row are
 * represented by one of them drawn at random, so that no regular pattern of rows or columns is left out.
 * @param limit positions kept a class
 * @param file the label map's path, for the error
 * @throws SegscopeError `label-value-unknown` where a value is neither a class nor UNLABELLED
 */
export function indexLabels(labels: LabelMap, classes: number, limit: number, file: string): LabelIndex {
  const counts = countValues(labels.values)
  for (let value = classes; value < UNLABELLED; value++) {
    if ((counts[value] as number) > 0) {
      throw new SegscopeError(
        'label-value-unknown',
        `The label map has the value ${String(value)}, but there are only classes 0 to ${String(classes - 1)}.`,
        { file, remedy: 'Check how label values are read (classes, binary or zero-unlabelled).' },
      )
    }
  }
  const kept = Array.from({ length: classes }, (_, value) => Math.min(counts[value] as number, limit))
  const positions = kept.map((size) => new Uint32Array(size))
  const random = new RandomGenerator(thinningSeed)
  const seen = new Float64Array(classes)
  const taken = new Uint32Array(classes)
  /** The pixel of each class, counted in rising order, that is taken next. */
  const next = new Float64Array(classes)
  const drawNext = (value: number): number => {
    const pixelsEach = (counts[value] as number) / (kept[value] as number)
    const first = Math.floor((taken[value] as number) * pixelsEach)
    const end = Math.floor(((taken[value] as number) + 1) * pixelsEach)
    return first + random.nextInteger(end - first)
  }
  for (let value = 0; value < classes; value++) next[value] = drawNext(value)
  for (let position = 0; position < labels.values.length; position++) {
    const value = labels.values[position] as number
    if (value === UNLABELLED) continue
    const ordinal = seen[value] as number
    seen[value] = ordinal + 1
    if (ordinal !== next[value]) continue
    const slot = taken[value] as number
    ;(positions[value] as Uint32Array)[slot] = position
    taken[value] = slot + 1
    next[value] = drawNext(value)
  }
  return { width: labels.width, counts: Array.from(counts.subarray(0, classes)), positions }
}

function countValues(values: Uint8Array): Float64Array {
  const counts = new Float64Array(256)
  for (const value of values) counts[value] = (counts[value] as number) + 1
  return counts
}
