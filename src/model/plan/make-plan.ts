import { SegscopeError } from '../errors.ts'
import { decideAugmentation } from './decide-augmentation.ts'
import { decideClassSampling, decideClassWeights, decideDiceWeight } from './decide-classes.ts'
import type { Decided } from './decided.ts'
import { decideDecoder } from './decide-decoder.ts'
import { decideBatchNorm, decideDropout, decideNetwork } from './decide-network.ts'
import { decideNormalisation } from './decide-normalisation.ts'
import { decideImageScale } from './decide-image-scale.ts'
import { decidePatches, pixelsPerStep as wantedPixels } from './decide-patches.ts'
import {
  decideAverageDecay,
  decideBatchNormMomentum,
  decideLearningRate,
  decideSteps,
  decideValidation,
  type TimeRequest,
} from './decide-schedule.ts'
import { decideStart, type Start } from './decide-start.ts'
import type { Fingerprint } from './fingerprint.ts'
import type { Plan } from './plan.ts'

/** What the user and the machine bring to the plan. */
export interface PlanRequest extends TimeRequest {
  seed: number
  /** Memory that training may take, in bytes. */
  memoryBytes: number
  start: Start
  freezeEncoder: boolean
  /** The name of the decoder, where that is decided already. */
  decoder?: Decided<string> | undefined
}

/**
 * Decides all that training does from the facts. The same facts and request give the same plan. Batch and patch
 * size do not depend on the time, so that a plan made without `stepMilliseconds` serves to measure a step.
 * @throws SegscopeError `too-few-classes`, `not-enough-memory`, `unknown-network`
 */
export function makePlan(fingerprint: Fingerprint, request: PlanRequest): Plan {
  const labelledClasses = fingerprint.classes.filter((facts) => facts.pixels > 0).length
  if (labelledClasses < 2) {
    throw new SegscopeError(
      'too-few-classes',
      labelledClasses === 0
        ? 'Nothing is labelled.'
        : 'Only one class is labelled: there is nothing to tell it from.',
      { remedy: 'Label at least two classes, for example objects and background.' },
    )
  }
  const decoder = request.decoder ?? decideDecoder(request)
  const network = decideNetwork(fingerprint, decoder.value)
  const normalisation = decideNormalisation(fingerprint)
  // The patches hang on the scale, and the pixels of a step hardly on the patches: these are near enough.
  const affordable = decideSteps(request, wantedPixels).value
  const imageScale = decideImageScale(fingerprint, affordable * wantedPixels)
  const { patchSize, batchSize } = decidePatches(
    fingerprint,
    imageScale.value,
    // Any rate: dropout takes memory whatever its rate, which hangs on the steps.
    { ...network.value, dropout: 0.5 },
    request.memoryBytes,
  )
  // In the images' own resolution, as the facts are.
  const pixelsPerStep = (batchSize.value * patchSize.value ** 2) / imageScale.value ** 2
  const steps = decideSteps(request, batchSize.value * patchSize.value ** 2)
  const dropout = decideDropout(steps.value)
  const classSampling = decideClassSampling(fingerprint.classes)
  const classWeights = decideClassWeights(fingerprint.classes)
  const diceWeight = decideDiceWeight()
  const augmentation = decideAugmentation(fingerprint, normalisation.value.scope, steps.value * pixelsPerStep)
  const isTrained = request.start !== 'scratch'
  const learningRate = decideLearningRate(steps.value, isTrained, request.freezeEncoder)
  const batchNorm = decideBatchNorm(isTrained, batchSize.value)
  const batchNormMomentum = decideBatchNormMomentum(steps.value)
  const averageDecay = decideAverageDecay(steps.value)
  const validation = decideValidation(fingerprint, steps.value, pixelsPerStep, isTrained)
  return {
    version: 1,
    network: { ...network.value, dropout: dropout.value },
    classNames: fingerprint.classes.map((facts) => facts.name),
    normalisation: normalisation.value,
    patchSize: patchSize.value,
    batchSize: batchSize.value,
    imageScale: imageScale.value,
    classSampling: classSampling.value,
    classWeights: classWeights.value,
    diceWeight: diceWeight.value,
    augmentation: augmentation.value,
    freezeEncoder: request.freezeEncoder,
    batchNorm: batchNorm.value,
    batchNormMomentum: batchNormMomentum.value,
    steps: steps.value,
    schedule: learningRate.value,
    // AdamW as its authors set it (Loshchilov and Hutter 2019); only an odd batch reaches the clipping norm.
    optimiser: { weightDecay: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: 5 },
    averageDecay: averageDecay.value,
    validation: validation.value,
    seed: request.seed,
    decisions: tell({
      network,
      decoder,
      start: decideStart(request.start, decoder.value),
      normalisation,
      'image scale': imageScale,
      'patch size': patchSize,
      'batch size': batchSize,
      'class sampling': classSampling,
      loss: diceWeight,
      'class weights': classWeights,
      augmentation,
      steps,
      'learning rate': learningRate,
      dropout,
      'batch norm': batchNorm,
      'batch norm momentum': batchNormMomentum,
      'weight averaging': averageDecay,
      validation,
    }),
  }
}

/** The decisions in words, one line each, for a terminal. */
export function explainPlan(plan: Plan): string[] {
  return Object.entries(plan.decisions).map(
    ([topic, { decision, reason }]) => `${topic[0]?.toUpperCase()}${topic.slice(1)}: ${decision}. ${reason}`,
  )
}

function tell(decisions: Record<string, Decided<unknown>>): Plan['decisions'] {
  return Object.fromEntries(
    Object.entries(decisions).map(([topic, { decision, reason }]) => [topic, { decision, reason }]),
  )
}
