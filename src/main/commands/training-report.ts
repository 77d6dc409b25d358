import { explainPlan } from '../../model/plan/make-plan.ts'
import type { Plan } from '../../model/plan/plan.ts'
import type { Scores } from '../../model/training/events.ts'
import type { TrainingNews } from '../services/training-news.ts'
import type { Reporter } from '../terminal/reporter.ts'

/** Turns what a training tells into a command's messages. */
export class TrainingReport {
  readonly #reporter: Reporter
  #plan: Plan | undefined
  /** Of the steps so far; the first ones are slow and weigh little after a while. */
  #stepSeconds: number | undefined

  constructor(reporter: Reporter) {
    this.#reporter = reporter
  }

  /** Classes by name with their Dice, as text: `colony 0.953, edge 0.871`. */
  describeDice(scores: Scores): string {
    return describeScores(scores.dice, this.#plan?.classNames ?? [])
  }

  tell(news: TrainingNews): void {
    const reporter = this.#reporter
    switch (news.kind) {
      case 'reading':
        reporter.progress(news.done / news.total, 'reading images')
        break
      case 'finding':
        for (const file of news.finding.files.slice(0, 3)) reporter.warn(file)
        reporter.warn(`${news.finding.message} ${news.finding.remedy}`.trim())
        break
      case 'data':
        reporter.info(
          `${news.images} images, ${news.labelled} of them labelled. ${news.explanation} ${news.split}`,
        )
        break
      case 'plan':
        this.#plan = news.plan
        reporter.info(`Experiment ${news.experiment}`)
        for (const line of explainPlan(news.plan)) reporter.info(`  ${line}`)
        break
      case 'step': {
        const seconds = news.milliseconds / 1000
        this.#stepSeconds =
          this.#stepSeconds === undefined ? seconds : 0.95 * this.#stepSeconds + 0.05 * seconds
        reporter.progress(
          news.step / news.steps,
          `step ${news.step} of ${news.steps}, loss ${news.loss.toFixed(3)}`,
          (news.steps - news.step) * this.#stepSeconds,
        )
        break
      }
      case 'validation':
        reporter.info(
          `Step ${news.step}: Dice ${this.describeDice(news.scores)}${news.best ? ' (kept as the best)' : ''}`,
        )
        break
      case 'started':
      case 'checkpoint':
      case 'finished':
        break
    }
  }
}

/** Classes by name with their scores; a class that is nowhere has none. */
export function describeScores(scores: readonly number[], classNames: readonly string[]): string {
  return scores
    .map(
      (score, value) =>
        `${classNames[value] ?? `class ${value}`} ${Number.isNaN(score) ? '-' : score.toFixed(3)}`,
    )
    .join(', ')
}

/** Scores by class name, for scripts; null for a class that is nowhere. */
export function scoresByName(
  values: readonly number[],
  classNames: readonly string[],
): Record<string, number | null> {
  return Object.fromEntries(
    values.map((value, index) => [classNames[index] ?? `class ${index}`, Number.isNaN(value) ? null : value]),
  )
}
