import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine, Predictor } from '../../model/engine/engine.ts'
import { loadEngine } from '../../model/engine/engines.ts'
import { CancelledError } from '../../model/errors.ts'
import { buildNetwork } from '../../model/network/unet.ts'
import type { Plan } from '../../model/plan/plan.ts'
import type { Scores, TrainingEvent } from '../../model/training/events.ts'
import { train, type TrainingRun } from '../../model/training/loop.ts'
import { writeCheckpoint } from '../../model/weights/checkpoint.ts'
import type { NamedTensors } from '../../model/weights/tensor.ts'
import { readTrainingState, writeTrainingState } from '../../model/weights/training-state.ts'
import { startBatchStream } from '../compute/batch-stream.ts'
import { type LabelValues, readLabelMap } from '../imaging/read-label-map.ts'
import { segscopeVersion } from '../version.ts'
import { scoreImages } from './score-images.ts'
import { stateFileOf } from './state-file.ts'
import { startingWeights } from './starting-weights.ts'
import type { TellTraining } from './training-news.ts'
import type { TrainingPreviewer } from './training-previewer.ts'

/** An experiment ready to run, or to run on. Can be sent between processes. */
export interface TrainingJob {
  experiment: string
  /** Where checkpoints and the state go. */
  folder: string
  plan: Plan
  /** An engine's name. */
  engine: string
  labelValues: LabelValues
  training: readonly { path: string; labelPath: string }[]
  validation: readonly { path: string; labelPath: string }[]
  /** From weights, see `startingWeights`; or from the state that an earlier run left in the folder. */
  start: { kind: 'weights'; file: string | undefined } | { kind: 'state' }
}

/**
 * Runs an experiment and writes its checkpoints and state into the job's folder. It knows no database: what there is to keep, it
 * tells, in order. Stopped by the signal it saves, and ends with the reason 'stopped'.
 * @param gate is waited for before each step, to pause
 * @param previewer is shown what the network makes of the images that it is validated on
 * @throws SegscopeError as `train`; CancelledError where it was stopped before it had begun
 */
export async function runTraining(
  job: TrainingJob,
  tell: TellTraining,
  signal: AbortSignal,
  gate: () => Promise<void> = () => Promise.resolve(),
  previewer?: TrainingPreviewer,
): Promise<Extract<TrainingEvent, { kind: 'finished' }>> {
  const { plan, labelValues, training: images } = job
  const engine = await loadEngine(job.engine)
  const network = buildNetwork(plan.network)
  const batches = startBatchStream({ images, labelValues, plan })
  try {
    let finished: Extract<TrainingEvent, { kind: 'finished' }> | undefined
    for await (const event of train({
      plan,
      network,
      engine,
      start: await startOf(job),
      nextBatch: async (step) => {
        await gate()
        return await batches.next(step)
      },
      validate: (weights, step) => scoreWeights(job, engine, { weights, step }, signal, previewer),
      ...(previewer !== undefined && {
        afterSteps: (step, weights) => previewer.afterSteps(step, () => predictorOf(job, engine, weights())),
      }),
      saveBest: async (weights, step, scores) => {
        tell(await keepCheckpoint(job, engine, 'best', weights, step, scores))
      },
      saveState: async (saved, weights) => {
        await writeTrainingState(stateFileOf(job.folder, job.experiment), saved)
        tell(await keepCheckpoint(job, engine, 'last', weights, saved.state.step, undefined))
      },
      signal,
    })) {
      tell(event)
      if (event.kind === 'finished') finished = event
    }
    if (finished === undefined) throw new CancelledError()
    return finished
  } finally {
    await batches.close()
  }
}

async function startOf({ start, plan, folder, experiment }: TrainingJob): Promise<TrainingRun['start']> {
  if (start.kind === 'weights') return { weights: await startingWeights(plan, start.file) }
  return await readTrainingState(stateFileOf(folder, experiment), buildNetwork(plan.network))
}

async function keepCheckpoint(
  { experiment, plan, folder }: TrainingJob,
  engine: Engine,
  kind: 'best' | 'last',
  weights: NamedTensors,
  step: number,
  scores: Scores | undefined,
) {
  const file = join(folder, `${experiment}-${kind}.safetensors`)
  const header = {
    segscopeVersion,
    engine: engine.describe(),
    createdAt: new Date().toISOString(),
    experiment,
    step,
    plan,
    ...(scores === undefined ? {} : { scores }),
  }
  await writeCheckpoint(file, header, weights)
  const { size } = await stat(file)
  return { kind: 'checkpoint', which: kind, file, step, scores, bytes: size } as const
}

/** The images that a training is measured on: those held out, or the training images where none could be. */
export function scoredImages({ training, validation }: Pick<TrainingJob, 'training' | 'validation'>) {
  return validation.length === 0 ? training : validation
}

function predictorOf({ plan }: TrainingJob, engine: Engine, weights: NamedTensors): Promise<Predictor> {
  return engine.createPredictor(buildNetwork(plan.network), weights, { output: 'probabilities' })
}

async function scoreWeights(
  job: TrainingJob,
  engine: Engine,
  { weights, step }: { weights: NamedTensors; step: number },
  signal: AbortSignal,
  previewer: TrainingPreviewer | undefined,
): Promise<{ loss: number; scores: Scores }> {
  const { plan, labelValues } = job
  const network = buildNetwork(plan.network)
  const predictor = await predictorOf(job, engine, weights)
  try {
    const images = scoredImages(job).map(({ path, labelPath }) => ({
      path,
      labelPath,
      readLabels: () => readLabelMap(labelPath, labelValues, plan.network.classes),
    }))
    const onBand = previewer?.duringValidation(step)
    return await scoreImages(images, {
      predictor,
      network,
      plan,
      flips: false,
      signal,
      ...(onBand !== undefined && { onBand }),
    })
  } finally {
    await predictor.dispose()
  }
}
