import { CancelledError, describeError } from '../../model/errors.ts'
import type { Scores, TrainingEvent } from '../../model/training/events.ts'
import type { StepMetrics } from '../database/repositories/metrics.ts'
import type { Project } from './project.ts'
import type { TrainingNews } from './training-news.ts'

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

/** Keeps in the project what a running experiment tells: steps by the second, as each transaction waits for the disk. */
export class TrainingRecord {
  readonly #project: Project
  readonly #experiment: string
  #steps: StepMetrics[] = []
  #flushed = performance.now()

  /** The experiment counts as running from now on. */
  constructor(project: Project, experiment: string) {
    this.#project = project
    this.#experiment = experiment
    project.experiments.start(experiment)
  }

  /** Steps that a resumed run does again are forgotten first. */
  add(news: TrainingNews): void {
    if (news.kind === 'started') this.#project.metrics.deleteAfter(this.#experiment, news.step)
    else if (news.kind === 'step') {
      this.#steps.push(news)
      if (performance.now() - this.#flushed > 1000) this.#flush()
    } else if (news.kind === 'validation') {
      this.#flush()
      this.#project.metrics.addValidation(this.#experiment, news)
    } else if (news.kind === 'checkpoint') {
      const { which, file, step, scores, bytes } = news
      this.#project.checkpoints.saveTrained(this.#experiment, which, { file, step, scores, bytes })
    }
  }

  finish({ reason, step }: Extract<TrainingEvent, { kind: 'finished' }>): TrainingOutcome {
    this.#flush()
    const { experiments, checkpoints } = this.#project
    experiments.end(this.#experiment, reason === 'stopped' ? 'stopped' : 'finished')
    const best = checkpoints.find(`${this.#experiment}-best`)
    return {
      experiment: this.#experiment,
      checkpoint: best?.id ?? `${this.#experiment}-last`,
      scores: best?.scores,
      scoredOnTraining: experiments.images(this.#experiment).every(({ split }) => split === 'training'),
      reason,
      step,
    }
  }

  /** The run ended by what it threw. */
  fail(thrown: unknown): void {
    this.#flush()
    const { experiments } = this.#project
    if (thrown instanceof CancelledError) experiments.end(this.#experiment, 'stopped')
    else experiments.fail(this.#experiment, describeError(thrown))
  }

  /** The person gave it up. */
  cancel(): void {
    this.#flush()
    this.#project.experiments.end(this.#experiment, 'cancelled')
  }

  #flush(): void {
    this.#project.metrics.addSteps(this.#experiment, this.#steps)
    this.#steps = []
    this.#flushed = performance.now()
  }
}
