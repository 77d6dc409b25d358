import type { Scores } from '../../../model/training/events.ts'
import type { DatabaseConnection, Statement } from '../connection.ts'

/** A training step as `TrainingEvent` tells it. */
export interface StepMetrics {
  step: number
  /** NaN where it was not a number. */
  loss: number
  gradientNorm: number
  learningRate: number
  milliseconds: number
  waitedMilliseconds: number
}

export interface ValidationMetrics {
  step: number
  loss: number
  /** NaN for a class that is nowhere. */
  scores: Scores
  best: boolean
}

interface StepRow extends Omit<StepMetrics, 'loss' | 'gradientNorm'> {
  loss: number | null
  gradientNorm: number | null
}

interface ScoreRow {
  step: number
  class: number
  dice: number | null
  iou: number | null
}

/** The learning curves of a project's experiments. */
export class MetricsRepository {
  readonly #connection: DatabaseConnection
  readonly #insertStep: Statement<never>
  readonly #insertValidation: Statement<never>
  readonly #insertScore: Statement<never>
  readonly #steps: Statement<StepRow>
  readonly #lastStep: Statement<{ step: number | null }>
  readonly #validations: Statement<{ step: number; loss: number | null; best: 0 | 1 }>
  readonly #scores: Statement<ScoreRow>
  readonly #deleteSteps: Statement<never>
  readonly #deleteValidations: Statement<never>

  constructor(connection: DatabaseConnection) {
    this.#connection = connection
    this.#insertStep = connection.prepare(`
      INSERT OR REPLACE INTO step_metrics
        (experiment, step, loss, gradient_norm, learning_rate, milliseconds, waited_milliseconds)
      VALUES (@experiment, @step, @loss, @gradientNorm, @learningRate, @milliseconds, @waitedMilliseconds)`)
    this.#insertValidation = connection.prepare(`
      INSERT OR REPLACE INTO validations (experiment, step, loss, best) VALUES (@experiment, @step, @loss, @best)`)
    this.#insertScore = connection.prepare(`
      INSERT INTO validation_scores (experiment, step, class, dice, iou)
      VALUES (@experiment, @step, @class, @dice, @iou)`)
    this.#steps = connection.prepare(`
      SELECT step, loss, gradient_norm AS gradientNorm, learning_rate AS learningRate, milliseconds,
        waited_milliseconds AS waitedMilliseconds
      FROM step_metrics WHERE experiment = @experiment AND step > @after ORDER BY step`)
    this.#lastStep = connection.prepare(
      'SELECT max(step) AS step FROM step_metrics WHERE experiment = @experiment',
    )
    this.#validations = connection.prepare(
      'SELECT step, loss, best FROM validations WHERE experiment = @experiment ORDER BY step',
    )
    this.#scores = connection.prepare(`
      SELECT step, class, dice, iou FROM validation_scores WHERE experiment = @experiment ORDER BY step, class`)
    this.#deleteSteps = connection.prepare(
      'DELETE FROM step_metrics WHERE experiment = @experiment AND step > @step',
    )
    this.#deleteValidations = connection.prepare(
      'DELETE FROM validations WHERE experiment = @experiment AND step > @step',
    )
  }

  /** In one transaction, which waits for the disk: hand over steps by the second, not one by one. */
  addSteps(experiment: string, steps: readonly StepMetrics[]): void {
    this.#connection.transaction(() => {
      for (const { step, loss, gradientNorm, learningRate, milliseconds, waitedMilliseconds } of steps) {
        this.#insertStep.run({
          experiment,
          step,
          loss,
          gradientNorm,
          learningRate,
          milliseconds,
          waitedMilliseconds,
        })
      }
    })
  }

  addValidation(experiment: string, { step, loss, scores, best }: ValidationMetrics): void {
    this.#connection.transaction(() => {
      this.#insertValidation.run({ experiment, step, loss, best: best ? 1 : 0 })
      scores.dice.forEach((dice, value) => {
        this.#insertScore.run({ experiment, step, class: value, dice, iou: scores.iou[value] as number })
      })
    })
  }

  /** Forgets what came after a step: an experiment resumed from an earlier checkpoint does it again. */
  deleteAfter(experiment: string, step: number): void {
    this.#connection.transaction(() => {
      this.#deleteSteps.run({ experiment, step })
      this.#deleteValidations.run({ experiment, step })
    })
  }

  /** In the order of their steps, those after a step. */
  steps(experiment: string, after = 0): StepMetrics[] {
    return this.#steps
      .all({ experiment, after })
      .map((row) => ({ ...row, loss: row.loss ?? NaN, gradientNorm: row.gradientNorm ?? NaN }))
  }

  /** 0 before the first. */
  lastStep(experiment: string): number {
    return this.#lastStep.get({ experiment })?.step ?? 0
  }

  /** In the order of their steps. */
  validations(experiment: string): ValidationMetrics[] {
    const scores = Map.groupBy(this.#scores.all({ experiment }), (row) => row.step)
    return this.#validations.all({ experiment }).map(({ step, loss, best }) => {
      const classes = scores.get(step) ?? []
      return {
        step,
        loss: loss ?? NaN,
        scores: { dice: classes.map((row) => row.dice ?? NaN), iou: classes.map((row) => row.iou ?? NaN) },
        best: best === 1,
      }
    })
  }
}
