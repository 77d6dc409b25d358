import type { Engine, EngineDescription } from '../../model/engine/engine.ts'
import { loadEngine } from '../../model/engine/engines.ts'
import { SegscopeError } from '../../model/errors.ts'
import type { ImageInfo } from '../../model/images/image-source.ts'
import { buildNetwork } from '../../model/network/unet.ts'
import { decideDecoder } from '../../model/plan/decide-decoder.ts'
import type { Decided } from '../../model/plan/decided.ts'
import { makePlan, type PlanRequest } from '../../model/plan/make-plan.ts'
import type { Plan } from '../../model/plan/plan.ts'
import { checkBeforeTraining } from '../../model/plan/pre-flight.ts'
import { decoderOfWeights } from '../../model/weights/starting-weights.ts'
import type { NamedTensors } from '../../model/weights/tensor.ts'
import { startBatchStream } from '../compute/batch-stream.ts'
import type { LabelValues } from '../imaging/read-label-map.ts'
import { measureStep } from './measure-step.ts'
import { splitStacks } from './split-stacks.ts'
import { STARTING_NETWORK } from './starting-network.ts'
import { startingWeights } from './starting-weights.ts'
import type { LabelledFile, TrainingData } from './training-data.ts'
import type { TellTraining } from './training-news.ts'
import { usableMemory } from './usable-memory.ts'

/** What a person asked for, beside the images. */
export interface TrainingWishes {
  /** From the first step on; the plan's own choice where `steps` is undefined too. */
  minutes?: number | undefined
  steps?: number | undefined
  seed: number
  /** A file to start from: Keras's weights or a checkpoint; or STARTING_NETWORK. From scratch where undefined. */
  weights?: string | undefined
  freezeEncoder: boolean
  /** The name of one, or that which the time is enough for. */
  decoder?: string | undefined
  engine: string
}

/** A training that could begin: everything is decided, nothing is written yet. Can be sent between processes. */
export interface PreparedTraining {
  plan: Plan
  engine: EngineDescription
  labelValues: LabelValues
  images: { path: string; labelPath: string; info: ImageInfo; split: 'training' | 'validation' }[]
  /** Of a step on this machine; undefined where the number of steps was given. */
  stepMilliseconds: number | undefined
}

/**
 * Checks the data, splits it and plans. Where the number of steps is not given, a step is measured first, so that the
 * time becomes a number of steps, once.
 * @throws SegscopeError `not-ready-to-train` with what is wrong; CancelledError
 */
export async function prepareTraining(
  data: TrainingData,
  wishes: TrainingWishes,
  tell: TellTraining,
  signal: AbortSignal,
): Promise<PreparedTraining> {
  const engine = await loadEngine(wishes.engine)
  checkData(data, tell)
  const split = splitStacks(data.labelled, wishes.seed)
  tell({
    kind: 'data',
    images: data.fingerprint.images.length,
    labelled: data.labelled.length,
    explanation: data.labelExplanation,
    split: split.explanation,
  })
  const training = split.training.map((index) => data.labelled[index] as LabelledFile)
  const { plan, stepMilliseconds } = await makeMeasuredPlan(engine, data, training, wishes, signal)
  return {
    plan,
    engine: engine.describe(),
    labelValues: data.labelValues,
    images: data.labelled.map(({ path, labelPath, info }, index) => ({
      path,
      labelPath,
      info,
      split: split.validation.includes(index) ? 'validation' : 'training',
    })),
    stepMilliseconds,
  }
}

function checkData(data: TrainingData, tell: TellTraining): void {
  const findings = checkBeforeTraining(data.fingerprint)
  for (const finding of findings) tell({ kind: 'finding', finding })
  const stops = findings.filter((finding) => finding.severity === 'stop')
  if (stops.length === 0) return
  throw new SegscopeError('not-ready-to-train', stops.map((finding) => finding.message).join(' '), {
    remedy: [...new Set(stops.map((finding) => finding.remedy))].join(' '),
  })
}

async function makeMeasuredPlan(
  engine: Engine,
  data: TrainingData,
  images: LabelledFile[],
  wishes: TrainingWishes,
  signal: AbortSignal,
): Promise<{ plan: Plan; stepMilliseconds: number | undefined }> {
  const isFile = wishes.weights !== undefined && wishes.weights !== STARTING_NETWORK
  const given = isFile ? await decoderOfWeights(wishes.weights as string) : undefined
  const request: PlanRequest = {
    minutes: wishes.minutes,
    steps: wishes.steps,
    seed: wishes.seed,
    memoryBytes: usableMemory(),
    start: wishes.weights === undefined ? 'scratch' : isFile ? 'file' : 'starting network',
    freezeEncoder: wishes.freezeEncoder,
    decoder: givenDecoder(wishes.decoder, given),
  }
  const plan = makePlan(data.fingerprint, request)
  // Also where no step is measured: a file that does not fit is to be known before anything is kept.
  const weights = await startingWeights(plan, wishes.weights)
  if (wishes.steps !== undefined) return { plan, stepMilliseconds: undefined }
  const measure = async (measured: Plan, from: NamedTensors): Promise<number> => {
    const batches = startBatchStream({ images, labelValues: data.labelValues, plan: measured }, signal)
    try {
      return await measureStep(engine, buildNetwork(measured.network), from, measured, batches)
    } finally {
      await batches.close()
    }
  }
  let stepMilliseconds = await measure(plan, weights)
  const decoder = request.decoder ?? decideDecoder({ ...request, stepMilliseconds }, plan.network.decoder)
  // A machine that is much faster or slower than was thought has time for another one.
  if (decoder.value !== plan.network.decoder) {
    const other = makePlan(data.fingerprint, { ...request, decoder })
    stepMilliseconds = await measure(other, await startingWeights(other, wishes.weights))
  }
  return { plan: makePlan(data.fingerprint, { ...request, decoder, stepMilliseconds }), stepMilliseconds }
}

/**
 * The decoder where there is nothing to decide.
 * @throws SegscopeError `decoder-differs` where another one is asked for than the weights are of
 */
function givenDecoder(asked: string | undefined, ofWeights: string | undefined): Decided<string> | undefined {
  if (asked !== undefined && ofWeights !== undefined && asked !== ofWeights) {
    throw new SegscopeError(
      'decoder-differs',
      `The checkpoint that training starts from has the decoder "${ofWeights}", not "${asked}".`,
      { remedy: 'Leave the decoder to the checkpoint, or start from scratch.' },
    )
  }
  if (ofWeights !== undefined) {
    return {
      value: ofWeights,
      decision: ofWeights,
      reason: 'As in the checkpoint that training starts from.',
    }
  }
  return asked === undefined ? undefined : { value: asked, decision: asked, reason: 'As asked for.' }
}
