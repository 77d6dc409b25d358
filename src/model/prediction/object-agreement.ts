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

/** 2 TP / (2 TP + FP + FN); NaN where neither has an object. */
export function objectF1({ truePositives, falsePositives, falseNegatives }: ObjectCounts): number {
  return (2 * truePositives) / (2 * truePositives + falsePositives + falseNegatives)
}
