import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Engine } from '../../model/engine/engine.ts'
import { CancelledError, describeError } from '../../model/errors.ts'
import { buildNetwork } from '../../model/network/unet.ts'
import type { Plan } from '../../model/plan/plan.ts'
import type { Scores, TrainingEvent } from '../../model/training/events.ts'
import { train, type TrainingRun } from '../../model/training/loop.ts'
import { writeCheckpoint } from '../../model/weights/checkpoint.ts'
import type { NamedTensors } from '../../model/weights/tensor.ts'
import { writeTrainingState } from '../../model/weights/training-state.ts'
import { startBatchStream } from '../compute/batch-stream.ts'
import type { StepMetrics } from '../database/repositories/metrics.ts'
import { type LabelValues, readLabelMap } from '../imaging/read-label-map.ts'
import { segscopeVersion } from '../version.ts'
import type { Project } from './project.ts'
import { scoreImages } from './score-images.ts'
import type { TellTraining } from './training-news.ts'

/** An experiment ready to run, or to run on. */
export interface PreparedRun {
  experiment: string
  plan: Plan
  engine: Engine
  labelValues: LabelValues
  training: readonly { path: string; labelPath: string }[]
  validation: readonly { path: string; labelPath: string }[]
  start: TrainingRun['start']
}

export interface TrainingOutcome {
  experiment: string
  /** Id of the best checkpoint; of the last one where the run stopped before its first validation. */
  checkpoint: string
  /** Of the best checkpoint, on the validation images. */
  scores: Scores | undefined
  /** No image could be held out: the scores are of images that were trained on. */
  scoredOnTraining: boolean
  reason: Extract<TrainingEvent, { kind: 'finished' }>['reason']
  step: number
}

/** Where the state of an experiment is kept, from which it can go on. */
export function stateFileOf(project: Project, experiment: string): string {
  return join(project.checkpointsFolder, `${experiment}-last.state.safetensors`)
}

/**
 * Runs an experiment and keeps its metrics, checkpoints and end in the project. Stopped by the signal it is kept, and ends
 * as 'stopped'.
 * @throws SegscopeError as `train`; the reason of `project.lost`
 */
export async function runExperiment(
  project: Project,
  run: PreparedRun,
  tell: TellTraining,
  signal: AbortSignal,
): Promise<TrainingOutcome> {
  const { experiment, plan, labelValues, training: images } = run
  const stop = project.lost === undefined ? signal : AbortSignal.any([signal, project.lost])
  const batches = startBatchStream({ images, labelValues, plan })
  const recorder = new MetricsRecorder(project, experiment)
  project.experiments.start(experiment)
  try {
    let finished: Extract<TrainingEvent, { kind: 'finished' }> | undefined
    for await (const event of train({
      plan,
      network: buildNetwork(plan.network),
      engine: run.engine,
      start: run.start,
      nextBatch: (step) => batches.next(step),
      validate: (weights) => scoreWeights(run, weights, stop),
      saveBest: (weights, step, scores) => keepCheckpoint(project, run, 'best', weights, step, scores),
      saveState: async (saved, weights) => {
        await writeTrainingState(stateFileOf(project, experiment), saved)
        await keepCheckpoint(project, run, 'last', weights, saved.state.step, undefined)
      },
      signal: stop,
    })) {
      recorder.record(event)
      tell(event)
      if (event.kind === 'finished') finished = event
    }
    project.lost?.throwIfAborted()
    if (finished === undefined) throw new CancelledError()
    recorder.flush()
    project.experiments.end(experiment, finished.reason === 'stopped' ? 'stopped' : 'finished')
    const best = project.checkpoints.find(`${experiment}-best`)
    return {
      experiment,
      checkpoint: best?.id ?? `${experiment}-last`,
      scores: best?.scores,
      scoredOnTraining: run.validation.length === 0,
      reason: finished.reason,
      step: finished.step,
    }
  } catch (thrown) {
    project.lost?.throwIfAborted()
    recorder.flush()
    if (thrown instanceof CancelledError) project.experiments.end(experiment, 'stopped')
    else project.experiments.fail(experiment, describeError(thrown))
    throw thrown
  } finally {
    await batches.close()
  }
}

/** Hands steps to the database by the second: each transaction waits for the disk. */
class MetricsRecorder {
  readonly #project: Project
  readonly #experiment: string
  #steps: StepMetrics[] = []
  #flushed = performance.now()

  constructor(project: Project, experiment: string) {
    this.#project = project
    this.#experiment = experiment
  }

  record(event: TrainingEvent): void {
    if (event.kind === 'step') {
      this.#steps.push(event)
      if (performance.now() - this.#flushed > 1000) this.flush()
    } else if (event.kind === 'validation') {
      this.flush()
      this.#project.metrics.addValidation(this.#experiment, event)
    }
  }

  flush(): void {
    this.#project.metrics.addSteps(this.#experiment, this.#steps)
    this.#steps = []
    this.#flushed = performance.now()
  }
}

/** Writes a checkpoint and makes the database know it. */
async function keepCheckpoint(
  project: Project,
  { experiment, plan, engine }: PreparedRun,
  kind: 'best' | 'last',
  weights: NamedTensors,
  step: number,
  scores: Scores | undefined,
): Promise<void> {
  const file = join(project.checkpointsFolder, `${experiment}-${kind}.safetensors`)
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
  project.checkpoints.saveTrained(experiment, kind, { file, step, scores, bytes: size })
}

/** Scores weights on the validation images, or on the training images where none could be held out. */
async function scoreWeights(
  { plan, engine, labelValues, training, validation }: PreparedRun,
  weights: NamedTensors,
  signal: AbortSignal,
): Promise<{ loss: number; scores: Scores }> {
  const network = buildNetwork(plan.network)
  const predictor = await engine.createPredictor(network, weights, { output: 'probabilities' })
  try {
    const images = (validation.length === 0 ? training : validation).map(({ path, labelPath }) => ({
      path,
      labelPath,
      readLabels: () => readLabelMap(labelPath, labelValues, plan.network.classes),
    }))
    return await scoreImages(images, { predictor, network, plan, flips: false, signal })
  } finally {
    await predictor.dispose()
  }
}
