import { join } from 'node:path'
import { defaultEngine } from '../../model/engine/engines.ts'
import { titleOf } from './compute-choice.ts'
import { withFallback } from './engine-fallback.ts'
import { jobOfExperiment, keepExperiment } from './experiments.ts'
import { prepareTraining, type TrainingWishes } from './prepare-training.ts'
import type { Project } from './project.ts'
import { readTrainingData, type TrainingDataRequest } from './training-data.ts'
import type { TellTraining, TrainingNews } from './training-news.ts'
import { type TrainingOutcome, TrainingRecord } from './training-record.ts'
import { runTraining } from './training-run.ts'

export interface TrainingRequest extends TrainingDataRequest, Omit<TrainingWishes, 'engine'> {
  /** The default engine where undefined. */
  engine?: string | undefined
  signal: AbortSignal
}

/**
 * Trains in this process on labelled images from folders: reads, checks, plans, trains, and keeps all of it as an experiment.
 * @throws SegscopeError `not-ready-to-train` with what is wrong, `training-diverged`, and of all that it reads;
 * CancelledError where the signal fires before training has begun: later, the run is kept and ends as 'stopped'
 */
export async function trainExperiment(
  project: Project,
  request: TrainingRequest,
  tell: TellTraining,
): Promise<TrainingOutcome> {
  const { signal } = request
  const data = await readTrainingData(request, join(project.folder, 'converted-labels'), (done, total) => {
    tell({ kind: 'reading', done, total })
  })
  const wishes = { ...request, engine: request.engine ?? defaultEngine }
  const prepared = await prepareTraining(data, wishes, tell, signal)
  const parameters = {
    images: request.imagesFolder,
    labels: request.labelsFolder,
    minutes: request.minutes ?? null,
    steps: request.steps ?? null,
    weights: request.weights ?? null,
    freezeEncoder: request.freezeEncoder,
    decoder: request.decoder ?? null,
  }
  const experiment = await keepExperiment(project, prepared, parameters, signal)
  tell({ kind: 'plan', experiment, plan: prepared.plan })
  return await run(project, experiment, tell, signal)
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
  tell({ kind: 'plan', experiment: id, plan: project.experiments.get(id).plan })
  return await run(project, id, tell, signal)
}

async function run(
  project: Project,
  experiment: string,
  tell: TellTraining,
  signal: AbortSignal,
): Promise<TrainingOutcome> {
  const job = jobOfExperiment(project, experiment)
  const stop = project.lost === undefined ? signal : AbortSignal.any([signal, project.lost])
  const record = new TrainingRecord(project, experiment)
  try {
    const keepAndTell = (news: TrainingNews): void => {
      record.add(news)
      tell(news)
    }
    const finished = await withFallback(
      job.engine,
      (engine) => runTraining({ ...job, engine }, keepAndTell, stop),
      (engine, { code, message }) => {
        const said = `This run was trained with ${titleOf(engine)} so far, and goes on with ${titleOf(defaultEngine)}: ${message}`
        tell({
          kind: 'finding',
          finding: { severity: 'warning', code, message: said, remedy: '', files: [] },
        })
      },
    )
    project.lost?.throwIfAborted()
    return record.finish(finished)
  } catch (thrown) {
    project.lost?.throwIfAborted()
    record.fail(thrown)
    throw thrown
  }
}
