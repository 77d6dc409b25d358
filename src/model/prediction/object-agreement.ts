import { UNLABELLED, type LabelMap } from '../images/label-map.ts'
import { numberInOrder, type ObjectMap } from './number-in-order.ts'
import { findObjects } from './objects.ts'

/** Objects of one class: found where one is, found where none is, and not found. */
export interface ObjectCounts {
  truePositives: number
  falsePositives: number
  falseNegatives: number
}

export interface ObjectMatching {
  /** Splits the predicted objects where they touch, as `splitObject` does, and the labelled ones where nobody numbered them. */
  waist?: number | undefined
  /** `[height, width]`: the labelled objects, where each has a number of its own; 0 for none. */
  numbered?: Int32Array | undefined
}

/** Objects are compared where at least this part of the image is labelled: of strokes they would be the strokes' shapes. */
const COMPARED_SHARE = 0.99

export interface ObjectComparison {
  classes: number
  splitting: ReadonlyMap<number, number>
  numbered?: Int32Array | undefined
}

/** Two objects are the same one where their intersection is more than this part of their union. */
const LEAST_OVERLAP = 0.5

/**
 * Compares the objects of one class in labels and prediction. They are the same where their IoU is greater than 0.5, by which
 * every object has one partner at most (A. Kirillov et al., "Panoptic Segmentation", CVPR 2019). What is predicted where
 * nothing is labelled counts for nothing.
 */
export function matchObjects(
  labels: LabelMap,
  predicted: LabelMap,
  classValue: number,
  { waist, numbered }: ObjectMatching = {},
): ObjectCounts {
  const judged = predicted.values.map((value, at) => (labels.values[at] === UNLABELLED ? UNLABELLED : value))
  const truth =
    numbered === undefined
      ? findObjects(labels, classValue, waist)
      : numberInOrder(numbered.map((number, at) => (labels.values[at] === classValue ? number : 0)))
  return countMatches(truth, findObjects({ ...predicted, values: judged }, classValue, waist))
}

/**
 * `matchObjects` of every class but the background.
 * @param classes of the network
 * @param splitting by class, the waist of `splitObject`
 * @returns by class from 1; undefined where too little is labelled to tell objects
 */
export function compareObjects(
  labels: LabelMap,
  predicted: LabelMap,
  { classes, splitting, numbered }: ObjectComparison,
): ObjectCounts[] | undefined {
  const labelled = labels.values.reduce((sum, value) => (value === UNLABELLED ? sum : sum + 1), 0)
  if (labelled < COMPARED_SHARE * labels.values.length) return undefined
  return Array.from({ length: classes - 1 }, (_, index) =>
    matchObjects(labels, predicted, index + 1, { waist: splitting.get(index + 1), numbered }),
  )
}

function countMatches(truth: ObjectMap, found: ObjectMap): ObjectCounts {
  const truthAreas = new Float64Array(truth.count + 1)
  const foundAreas = new Float64Array(found.count + 1)
  const common = new Map<number, number>()
  for (let at = 0; at < truth.instances.length; at++) {
    const [one, other] = [truth.instances[at] as number, found.instances[at] as number]
    truthAreas[one] = (truthAreas[one] as number) + 1
    foundAreas[other] = (foundAreas[other] as number) + 1
    if (one === 0 || other === 0) continue
    const pair = one * (found.count + 1) + other
    common.set(pair, (common.get(pair) ?? 0) + 1)
  }
  let truePositives = 0
  for (const [pair, pixels] of common) {
    const one = truthAreas[Math.floor(pair / (found.count + 1))] as number
    const other = foundAreas[pair % (found.count + 1)] as number
    if (pixels / (one + other - pixels) > LEAST_OVERLAP) truePositives++
  }
  return {
    truePositives,
    falsePositives: found.count - truePositives,
    falseNegatives: truth.count - truePositives,
  }
}

/** Objects of several images together, by class; the first class is the background, which has none. */
export class ObjectTally {
  readonly counts: ObjectCounts[]
  /** Images whose objects were compared. */
  images = 0
  /** Of these, those whose labels number their objects. */
  numbered = 0

  constructor(classes: number) {
    this.counts = Array.from({ length: classes }, () => ({
      truePositives: 0,
      falsePositives: 0,
      falseNegatives: 0,
    }))
  }

  /** @param counts as `compareObjects` gives them; @param isNumbered whether the labels number their objects */
  add(counts: readonly ObjectCounts[] | undefined, isNumbered: boolean): void {
    if (counts === undefined) return
    this.images++
    if (isNumbered) this.numbered++
    counts.forEach((more, index) => {
      const sum = this.counts[index + 1] as ObjectCounts
      sum.truePositives += more.truePositives
      sum.falsePositives += more.falsePositives
      sum.falseNegatives += more.falseNegatives
    })
  }

  /** By class; NaN for the background, and where neither labels nor prediction have an object. */
  f1(): number[] {
    return this.counts.map((counts, index) => (index === 0 ? NaN : objectF1(counts)))
  }
}

/** 2 TP / (2 TP + FP + FN); NaN where neither has an object. */
export function objectF1({ truePositives, falsePositives, falseNegatives }: ObjectCounts): number {
  return (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives)
}
