import type { Decided } from './decided.ts'
import type { Fingerprint } from './fingerprint.ts'
import { areaOf, labelledImages } from './labelled-images.ts'
import type { Plan } from './plan.ts'
import { validationCount } from './split.ts'
import { percent, readable } from './words.ts'

const defaultMinutes = 10
const usualPixelsPerStep = 8 * 128 * 128
/** On 2 cores, where nobody measured yet: as many pixels a step in this time, with all of the decoder's channels. */
const unmeasuredMilliseconds = 350
/** Share of a time budget that is not steps: validation (a tenth), reading, checkpoints. */
const reserve = 0.15
const fewestSteps = 10
/** Looks at the validation images in a run: enough for a curve and for stopping early. */
const wantedValidations = 20
/** A pixel of validation costs a third of one of training (forward only), and half as much again for overlap. */
const validationCostPerPixel = 0.5
/** Share of the time that validation may take. */
const validationShareOfTime = 0.1

export interface TimeRequest {
  /** From the first step on. */
  minutes?: number | undefined
  /** Takes the place of minutes. */
  steps?: number | undefined
  /** Measured on this machine, for the plan's batch and patch size. */
  stepMilliseconds?: number | undefined
}

/**
 * Steps that fit into the time.
 * @param pixelsPerStep where no step was measured
 */
export function stepsInTime(request: TimeRequest, pixelsPerStep: number = usualPixelsPerStep): number {
  const minutes = request.minutes ?? defaultMinutes
  return Math.max(
    fewestSteps,
    Math.floor((minutes * 60_000 * (1 - reserve)) / stepDuration(request, pixelsPerStep)),
  )
}

/** Steps of the run: as asked for, or as many as fit into the time. */
export function decideSteps(request: TimeRequest, pixelsPerStep: number): Decided<number> {
  if (request.steps !== undefined) {
    return { value: request.steps, decision: `${readable(request.steps)} steps`, reason: 'As asked for.' }
  }
  const value = stepsInTime(request, pixelsPerStep)
  const measured = request.stepMilliseconds === undefined ? 'is taken to last' : 'was measured to last'
  return {
    value,
    decision: `${readable(value)} steps`,
    reason: `A step ${measured} ${readable(stepDuration(request, pixelsPerStep))} ms, and ${readable(request.minutes ?? defaultMinutes)} minutes are to be used; ${percent(reserve)} of them are kept for validation, reading and saving.`,
  }
}

/** In milliseconds. */
function stepDuration({ stepMilliseconds }: TimeRequest, pixelsPerStep: number): number {
  return stepMilliseconds ?? (unmeasuredMilliseconds * pixelsPerStep) / usualPixelsPerStep
}

/** Peak and warm-up of the learning rate; AdamW's usual one from scratch, half of it where weights are to be kept. */
export function decideLearningRate(
  steps: number,
  pretrained: boolean,
  freezeEncoder: boolean,
): Decided<Plan['schedule']> {
  const keepsWeights = pretrained && !freezeEncoder
  const peakLearningRate = keepsWeights ? 5e-4 : 1e-3
  // AdamW's second moments and batch norm's statistics are rough at first.
  const warmUpSteps = Math.min(Math.max(10, Math.round(steps / 20)), 200, Math.floor(steps / 2))
  return {
    value: { peakLearningRate, warmUpSteps },
    decision: `${peakLearningRate}, after a warm-up of ${warmUpSteps} steps, falling to a hundredth of it`,
    reason: keepsWeights
      ? "Half of the usual 0.001, so that the weights' earlier training is not undone."
      : 'What AdamW usually takes; the slow end settles the weights.',
  }
}

/** Share of the new batch in batch norm's moving statistics. */
export function decideBatchNormMomentum(steps: number): Decided<number> {
  const value = Math.min(Math.max(0.02, 30 / steps), 0.1)
  return {
    value,
    decision: `each batch moves batch norm's statistics by ${percent(value)}`,
    reason: `They forget their start within about ${Math.round(3 / value)} steps, soon in a run of ${readable(steps)}, and still average over some ${Math.round(1 / value)} batches. Keras's 0.999 is the share of the old statistic, and would take thousands of steps.`,
  }
}

/** Share of the weights' moving average that is kept each step. */
export function decideAverageDecay(steps: number): Decided<number> {
  if (steps < 100) {
    return {
      value: 0,
      decision: 'the weights themselves are used',
      reason: 'The run is too short for an average.',
    }
  }
  const value = Math.min(0.999, 1 - 20 / steps)
  return {
    value,
    decision: `predictions use the weights' average over about ${Math.round(1 / (1 - value))} steps`,
    reason:
      'An average over a twentieth of the run is steadier than the weights of one moment, and hardly lags.',
  }
}

/** Shares of a run. */
const patienceFromScratch = 0.4
const patienceOfTrained = 0.7

/** How often to look at the validation images, and for how long to hope. */
export function decideValidation(
  fingerprint: Fingerprint,
  steps: number,
  pixelsPerStep: number,
  isTrained: boolean,
): Decided<Plan['validation']> {
  const labelled = labelledImages(fingerprint)
  // Without held-out images the training images are scored.
  const heldOut = (validationCount(labelled.length) || labelled.length) / labelled.length
  const costInSteps = (areaOf(labelled) * heldOut * validationCostPerPixel) / pixelsPerStep
  const affordable = Math.ceil(costInSteps / validationShareOfTime)
  const everySteps = Math.max(
    1,
    Math.min(Math.max(Math.ceil(steps / wantedValidations), affordable), Math.ceil(steps / 4)),
  )
  const share = isTrained ? patienceOfTrained : patienceFromScratch
  const patience = Math.max(5, Math.ceil((share * steps) / everySteps))
  const hope = isTrained
    ? 'Weights that were trained before score high from the beginning, and the slow end still gains on other images'
    : 'The learning rate falls slowly, and scores still rise near its end'
  return {
    value: { everySteps, patience },
    decision: `every ${everySteps} steps; training stops after ${patience} without a better score`,
    reason: `One look costs about as much as ${readable(Math.max(1, Math.round(costInSteps)))} steps. ${hope}: stopping takes ${percent(share)} of the run without progress.`,
  }
}
