import type { ComputeLimits } from '../../model/engine/compute-limits.ts'
import { CancelledError } from '../../model/errors.ts'
import { TrainingSession } from '../compute/training-session.ts'
import type { Computing } from '../services/compute-choice.ts'
import { jobOfExperiment, keepExperiment } from '../services/experiments.ts'
import { snapshotLabels } from '../services/label-snapshot.ts'
import type { TrainingWishes } from '../services/prepare-training.ts'
import type { Project } from '../services/project.ts'
import type { TrainingNews } from '../services/training-news.ts'
import type { TrainingPreview } from '../services/training-previewer.ts'
import type { TrainingPreviews } from '../services/training-previews.ts'
import { TrainingRecord } from '../services/training-record.ts'
import { toProblem } from '../to-problem.ts'
import type { JobList } from './job-list.ts'
import { keepEnd } from './keep-end.ts'

interface TrainingJobStart {
  project: Project
  jobs: JobList
  previews: TrainingPreviews
  limits: ComputeLimits
  /** Fires when the project is closed. */
  closing: AbortSignal
  computeWith: Computing['computeWith']
}

/** Trains on what is painted now, as a job; returns its number at once. */
export function startTraining(start: TrainingJobStart, wishes: TrainingWishes): number {
  const files = wishes.weights === undefined ? [] : [wishes.weights]
  return new TrainingJob(start).begin('Training', files, async (session, job) => {
    const { project, jobs, closing } = start
    const { images, classNames, classValues } = await snapshotLabels(project, closing)
    const prepared = await start.computeWith(wishes.engine, (engine) =>
      session.prepare(images, classNames, { ...wishes, engine }),
    )
    const experiment = await keepExperiment(
      project,
      prepared,
      {
        minutes: wishes.minutes ?? null,
        weights: wishes.weights ?? null,
        freezeEncoder: wishes.freezeEncoder,
        decoder: wishes.decoder ?? null,
        classValues: classValues.join(),
      },
      closing,
    )
    jobs.change(job, { title: `Training on ${prepared.images.length} images`, experiment })
    return experiment
  })
}

/** Goes on with an experiment, as a job; returns its number at once. */
export function resumeTraining(start: TrainingJobStart, experiment: string): number {
  // Asked first, so that what cannot be resumed says so where it was asked for.
  const { start: from } = jobOfExperiment(start.project, experiment)
  const files = from.kind === 'weights' && from.file !== undefined ? [from.file] : []
  return new TrainingJob(start).begin(`Training ${experiment}`, files, async (_session, job) => {
    start.jobs.change(job, { experiment })
    return experiment
  })
}

class TrainingJob {
  readonly #start: TrainingJobStart
  #job = 0
  #cancelled = false
  #stepSeconds: number | undefined

  constructor(start: TrainingJobStart) {
    this.#start = start
  }

  /**
   * @param files checkpoints that it starts from
   * @param prepare brings the experiment that is to run
   */
  begin(
    title: string,
    files: readonly string[],
    prepare: (session: TrainingSession, job: number) => Promise<string>,
  ): number {
    const { jobs, closing } = this.#start
    let record: TrainingRecord | undefined
    const session = new TrainingSession(this.#start.limits, (news) => {
      record?.add(news)
      if (news.kind === 'preview') this.#keepPreview(news.preview)
      else this.#show(news)
    })
    const cancel = (): void => {
      this.#cancelled = true
      void session.close()
    }
    const controls = {
      pause: () => {
        session.pause()
        jobs.change(this.#job, { state: 'paused' })
      },
      goOn: () => {
        session.goOn()
        jobs.change(this.#job, { state: 'running' })
      },
      stop: () => {
        session.stop()
        jobs.change(this.#job, { state: 'stopping', label: 'saving' })
      },
      cancel,
    }
    this.#job = jobs.add('training', title, controls, files)
    closing.addEventListener('abort', cancel, { once: true })
    const work = async (): Promise<void> => {
      const experiment = await prepare(session, this.#job)
      closing.throwIfAborted()
      record = new TrainingRecord(this.#start.project, experiment)
      jobs.change(this.#job, { state: 'running', fraction: 0, label: 'first step' })
      this.#start.previews.begin(this.#job, experiment, (path) => session.preview(path))
      const order = jobOfExperiment(this.#start.project, experiment)
      const finished = await this.#start.computeWith(order.engine, (engine) =>
        session.run({ ...order, engine }),
      )
      const { reason } = record.finish(finished)
      jobs.change(this.#job, {
        state: reason === 'stopped' ? 'stopped' : 'finished',
        fraction: 1,
        label: reason,
      })
    }
    work()
      .catch((thrown: unknown) => {
        // A closed project keeps nothing any more; it finds its experiment interrupted when it opens again.
        if (!closing.aborted) this.#end(thrown, record)
      })
      .finally(() => {
        closing.removeEventListener('abort', cancel)
        this.#start.previews.end(this.#job)
        void session.close()
      })
    return this.#job
  }

  #end(thrown: unknown, record: TrainingRecord | undefined): void {
    const { jobs, closing } = this.#start
    if (this.#cancelled) {
      keepEnd(() => record?.cancel(), closing)
      jobs.change(this.#job, { state: 'cancelled', label: 'cancelled' })
    } else if (thrown instanceof CancelledError) {
      keepEnd(() => record?.fail(thrown), closing)
      jobs.change(this.#job, { state: 'stopped', label: 'stopped before it had begun' })
    } else {
      keepEnd(() => record?.fail(thrown), closing)
      jobs.change(this.#job, { state: 'failed', label: 'failed', problem: toProblem(thrown) })
    }
  }

  #keepPreview(preview: TrainingPreview): void {
    const plane = this.#start.previews.keep(this.#job, preview)
    if (plane !== undefined) {
      this.#start.jobs.change(this.#job, { preview: { ...plane, step: preview.step } })
    }
  }

  #show(news: TrainingNews): void {
    const { jobs } = this.#start
    if (news.kind === 'reading') {
      const label = `reading image ${news.done} of ${news.total}`
      jobs.change(this.#job, { fraction: (0.8 * news.done) / news.total, label })
    } else if (news.kind === 'data') {
      jobs.change(this.#job, { fraction: 0.8, label: 'measuring a step' })
    } else if (news.kind === 'step') {
      const seconds = news.milliseconds / 1000
      this.#stepSeconds =
        this.#stepSeconds === undefined ? seconds : 0.95 * this.#stepSeconds + 0.05 * seconds
      jobs.change(this.#job, {
        fraction: news.step / news.steps,
        label: `step ${news.step} of ${news.steps}`,
        secondsLeft: (news.steps - news.step) * this.#stepSeconds,
      })
    }
  }
}
