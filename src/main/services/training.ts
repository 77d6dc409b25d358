import { existsSync } from 'node:fs'
import type { Engine, EngineDescription } from '../../model/engine/engine.ts'
import { defaultEngine, loadEngine } from '../../model/engine/engines.ts'
import { SegscopeError } from '../../model/errors.ts'
import { buildNetwork } from '../../model/network/unet.ts'
import { makePlan, type PlanRequest } from '../../model/plan/make-plan.ts'
import type { Plan } from '../../model/plan/plan.ts'
import { checkBeforeTraining } from '../../model/plan/pre-flight.ts'
import { splitValidation } from '../../model/plan/split.ts'
import { RandomGenerator } from '../../model/random.ts'
import { initialiseWeights } from '../../model/weights/initialise.ts'
import { readStartingWeights } from '../../model/weights/starting-weights.ts'
import type { NamedTensors } from '../../model/weights/tensor.ts'
import { readTrainingState } from '../../model/weights/training-state.ts'
import { startBatchStream } from '../compute/batch-stream.ts'
import { segscopeVersion } from '../version.ts'
import { registerImages } from './image-registry.ts'
import { measureStep } from './measure-step.ts'
import type { Project } from './project.ts'
import {
  type LabelledFile,
  readTrainingData,
  type TrainingData,
  type TrainingDataRequest,
} from './training-data.ts'
import type { TellTraining } from './training-news.ts'
import { type PreparedRun, runExperiment, stateFileOf, type TrainingOutcome } from './training-run.ts'
import { usableMemory } from './usable-memory.ts'

export interface TrainingRequest extends TrainingDataRequest {
  /** From the first step on; the plan's own choice where `steps` is undefined too. */
  minutes?: number | undefined
  steps?: number | undefined
  seed: number
  /** A file to start from: Keras's weights or a checkpoint. From scratch where undefined. */
  weights?: string | undefined
  freezeEncoder: boolean
  /** The default engine where undefined. */
  engine?: string | undefined
  signal: AbortSignal
}

/**
 * Trains on labelled images from folders: reads, checks, plans, trains, and keeps all of it as an experiment.
 * @throws SegscopeError `not-ready-to-train` with what is wrong, `training-diverged`, and of all that it reads;
 * CancelledError where the signal fires before training has begun: later, the run is kept and ends as 'stopped'
 */
export async function trainExperiment(
  project: Project,
  request: TrainingRequest,
  tell: TellTraining,
): Promise<TrainingOutcome> {
  const engine = await loadEngine(request.engine ?? defaultEngine)
  const data = await readTrainingData(request, (done, total) => {
    tell({ kind: 'reading', done, total })
  })
  checkData(data, tell)
  const split = splitValidation(data.labelled, request.seed)
  tell({
    kind: 'data',
    images: data.fingerprint.images.length,
    labelled: data.labelled.length,
    explanation: data.labelExplanation,
    split: split.explanation,
  })
  const training = split.training.map((index) => data.labelled[index] as LabelledFile)
  const { plan, weights } = await makeMeasuredPlan(engine, data, training, request)
  const experiment = await keepExperiment(project, request, engine.describe(), plan, data, split.validation)
  tell({ kind: 'plan', experiment, plan })
  const run = { experiment, plan, engine, ...imagesOf(project, experiment), start: { weights } }
  return runExperiment(project, run, tell, request.signal)
}

/**
 * Goes on with an experiment that was stopped, interrupted or failed, from its last saved state.
 * @throws SegscopeError `experiment-not-found`, `experiment-finished`, and as `trainExperiment`
 */
export async function resumeExperiment(
  project: Project,
  id: string,
  tell: TellTraining,
  signal: AbortSignal,
): Promise<TrainingOutcome> {
  const { plan, status, engine, parameters } = project.experiments.get(id)
  if (status === 'finished') {
    throw new SegscopeError(
      'experiment-finished',
      `Experiment ${id} has finished: there is nothing to resume.`,
      {
        remedy: 'To train further, start a new run from its checkpoint with --weights.',
      },
    )
  }
  const stateFile = stateFileOf(project, id)
  // A run that died before its first save begins anew: its seed gives it the same start.
  const start = existsSync(stateFile)
    ? await readTrainingState(stateFile, buildNetwork(plan.network))
    : { weights: await startingWeights(plan, (parameters['weights'] ?? undefined) as string | undefined) }
  project.metrics.deleteAfter(id, 'state' in start ? start.state.step : 0)
  tell({ kind: 'plan', experiment: id, plan })
  const run = {
    experiment: id,
    plan,
    engine: await loadEngine(engine.name),
    ...imagesOf(project, id),
    start,
  }
  return runExperiment(project, run, tell, signal)
}

/** What an experiment trains on, always in the same order: chance picks images by their place in it. */
function imagesOf(
  project: Project,
  experiment: string,
): Pick<PreparedRun, 'labelValues' | 'training' | 'validation'> {
  const images = project.experiments.images(experiment)
  const used = (split: 'training' | 'validation'): { path: string; labelPath: string }[] =>
    images.flatMap(({ path, labelPath, split: own }) =>
      own === split && labelPath !== undefined ? [{ path, labelPath }] : [],
    )
  return {
    labelValues: images[0]?.labelValues ?? 'classes',
    training: used('training'),
    validation: used('validation'),
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

async function startingWeights(plan: Plan, file: string | undefined): Promise<NamedTensors> {
  const network = buildNetwork(plan.network)
  const random = new RandomGenerator(plan.seed)
  if (file === undefined) return initialiseWeights(network, random)
  return (await readStartingWeights(file, network, random)).weights
}

/** Plans; where steps are not given, measures one first, so that the time becomes a number of steps, once. */
async function makeMeasuredPlan(
  engine: Engine,
  data: TrainingData,
  training: LabelledFile[],
  request: TrainingRequest,
): Promise<{ plan: Plan; weights: NamedTensors }> {
  const planRequest: PlanRequest = {
    minutes: request.minutes,
    steps: request.steps,
    seed: request.seed,
    memoryBytes: usableMemory(),
    pretrained: request.weights !== undefined,
    freezeEncoder: request.freezeEncoder,
  }
  const plan = makePlan(data.fingerprint, planRequest)
  const weights = await startingWeights(plan, request.weights)
  if (request.steps !== undefined) return { plan, weights }
  const batches = startBatchStream({ images: training, labelValues: data.labelValues, plan }, request.signal)
  try {
    const stepMilliseconds = await measureStep(engine, buildNetwork(plan.network), weights, plan, batches)
    return { plan: makePlan(data.fingerprint, { ...planRequest, stepMilliseconds }), weights }
  } finally {
    await batches.close()
  }
}

async function keepExperiment(
  project: Project,
  request: TrainingRequest,
  engine: EngineDescription,
  plan: Plan,
  { labelValues, labelled }: TrainingData,
  validation: number[],
): Promise<string> {
  const images = labelled.map(({ path, info, labelPath }) => ({
    path,
    info,
    labels: { path: labelPath, labelValues },
  }))
  const registered = await registerImages(project, images, request.signal)
  return project.experiments.create({
    plan,
    parameters: {
      images: request.imagesFolder,
      labels: request.labelsFolder,
      minutes: request.minutes ?? null,
      steps: request.steps ?? null,
      weights: request.weights ?? null,
      freezeEncoder: request.freezeEncoder,
    },
    versions: { segscope: segscopeVersion, node: process.versions.node, [engine.name]: engine.version },
    engine,
    images: registered.map(({ image, labels }, index) => ({
      image: image.id,
      labelFile: labels?.id,
      split: validation.includes(index) ? 'validation' : 'training',
    })),
  })
}
