import { z } from 'zod'
import type { Engine, Trainer, TrainingState } from '../engine/engine.ts'
import { CancelledError } from '../errors.ts'
import type { Network } from '../network/network.ts'
import type { Plan } from '../plan/plan.ts'
import type { NamedTensors } from '../weights/tensor.ts'
import type { SavedTraining } from '../weights/training-state.ts'
import type { Batch } from './batch-source.ts'
import { DivergenceMonitor } from './divergence.ts'
import { EarlyStopping } from './early-stopping.ts'
import type { Scores, TrainingEvent } from './events.ts'
import { selectionScore } from './metrics.ts'
import { learningRateAt } from './schedule.ts'
import { stepsBetweenAverages, WeightAverage } from './weight-average.ts'

/** What the loop keeps beside the engine's state, as JSON. */
const loopStateSchema = z.object({
  earlyStopping: z.object({
    bestScore: z.number().nullable(),
    bestStep: z.int(),
    withoutImprovement: z.int(),
  }),
  divergence: z.object({
    steps: z.int(),
    average: z.number(),
    best: z.number().nullable(),
    stepsTooHigh: z.int(),
  }),
  validatedStep: z.int(),
})

/** A state is some 200 MB: it is not written more often than this but at the end. */
const millisecondsBetweenSaves = 60_000

/** So many steps are done in one go: they cost less together, and a person who stops a run waits for no more than these. */
export const stepsTogether = 5

/** Name of the averaged weights among a saved training's extra sets. */
const averageSet = 'average'

/** All that a run needs from outside: its data, its scores, and a place to keep its results. */
export interface TrainingRun {
  plan: Plan
  network: Network
  engine: Engine
  /** Weights to start from, or a stopped run to go on with. */
  start: { weights: NamedTensors } | SavedTraining
  nextBatch: (step: number) => Promise<Batch>
  /** Scores the weights on the validation images; a CancelledError after the signal stops the run. */
  validate: (weights: NamedTensors, step: number) => Promise<{ loss: number; scores: Scores }>
  /**
   * Called after each few steps, with the weights to predict with: they are to be left as they are, and change with the next step.
   * For looking at what is learnt; the run does not depend on it.
   */
  afterSteps?: (step: number, weights: () => NamedTensors) => Promise<void>
  /** Keeps the weights of the best validation so far. */
  saveBest: (weights: NamedTensors, step: number, scores: Scores) => Promise<void>
  /** Keeps all that is needed to go on: after the first validation, then once a minute at most, and at the end. */
  saveState: (saved: SavedTraining, weights: NamedTensors) => Promise<void>
  /** Stops the run at the next step; what there is, is saved. */
  signal: AbortSignal
}

/**
 * Trains. Each step depends on the state and its own number alone: a run that was stopped and goes on gives the losses of
 * a run never stopped.
 * @throws SegscopeError `training-diverged` (the state saved last is a good one), `engine-failed`, or where an image cannot be read
 */
export async function* train(run: TrainingRun): AsyncGenerator<TrainingEvent, void, undefined> {
  const { plan } = run
  const trainer = await run.engine.createTrainer(run.network, startingState(run.start), trainerOptions(plan))
  try {
    yield* new TrainingLoop(run, trainer).run()
  } finally {
    await trainer.dispose()
  }
}

/** What the plan asks of an engine's trainer. */
export function trainerOptions(plan: Plan): Parameters<Engine['createTrainer']>[2] {
  return {
    batch: plan.batchSize,
    height: plan.patchSize,
    width: plan.patchSize,
    freezeEncoder: plan.freezeEncoder,
    batchNorm: plan.batchNorm,
    batchNormMomentum: plan.batchNormMomentum,
    classWeights: plan.classWeights,
    diceWeight: plan.diceWeight,
    ...plan.optimiser,
  }
}

function startingState(start: TrainingRun['start']): TrainingState {
  if ('state' in start) return start.state
  return { weights: start.weights, firstMoments: new Map(), secondMoments: new Map(), step: 0 }
}

class TrainingLoop {
  readonly #run: TrainingRun
  readonly #trainer: Trainer
  readonly #average: WeightAverage | undefined
  readonly #earlyStopping: EarlyStopping
  readonly #divergence: DivergenceMonitor
  #step: number
  /** A run that was stopped while it validated has yet to do so when it goes on. */
  #validatedStep: number
  #savedStep: number | undefined
  #savedTime = -Infinity

  constructor(run: TrainingRun, trainer: Trainer) {
    const { plan, start } = run
    const resumed = 'state' in start ? start : undefined
    const loopState = resumed === undefined ? undefined : loopStateSchema.parse(resumed.loop)
    this.#run = run
    this.#trainer = trainer
    this.#step = resumed?.state.step ?? 0
    this.#validatedStep = loopState?.validatedStep ?? 0
    this.#earlyStopping = new EarlyStopping(plan.validation.patience, loopState?.earlyStopping)
    this.#divergence = new DivergenceMonitor(plan.network.classes, loopState?.divergence)
    const averaged = resumed?.extra[averageSet] ?? trainer.weights()
    const averagedAt = this.#step - (this.#step % stepsBetweenAverages)
    this.#average =
      plan.averageDecay === 0 ? undefined : new WeightAverage(plan.averageDecay, averaged, averagedAt)
  }

  async *run(): AsyncGenerator<TrainingEvent, void, undefined> {
    const { plan, signal } = this.#run
    yield { kind: 'started', step: this.#step, steps: plan.steps }
    let reason: 'all steps done' | 'no longer improving' | 'stopped' = 'all steps done'
    while (this.#step < plan.steps || this.#mustValidate()) {
      if (signal.aborted) {
        reason = 'stopped'
        break
      }
      if (!this.#mustValidate()) {
        yield* this.#doSteps()
        await this.#run.afterSteps?.(this.#step, () => this.#result())
        continue
      }
      const validation = await this.#validate()
      if (validation === undefined) continue
      yield validation.event
      if (validation.stop && this.#step < plan.steps) {
        reason = 'no longer improving'
        break
      }
    }
    await this.#save()
    yield { kind: 'finished', step: this.#step, reason, bestStep: this.#earlyStopping.state.bestStep }
  }

  /** The steps up to the next that something else is due after, but not more than are done in one go. */
  async *#doSteps(): AsyncGenerator<TrainingEvent, void, undefined> {
    const { plan, nextBatch } = this.#run
    const first = this.#step
    const due = [stepsTogether, stepsBetweenAverages, plan.validation.everySteps].map(
      (every) => every - (first % every),
    )
    const numbers = Array.from({ length: Math.min(...due, plan.steps - first) }, (_, index) => first + index)
    const started = performance.now()
    const batches = []
    for (const number of numbers) {
      batches.push({ ...(await nextBatch(number)), learningRate: learningRateAt(number, plan) })
    }
    const waitedMilliseconds = (performance.now() - started) / numbers.length
    const results = await this.#trainer.steps(batches)
    const milliseconds = (performance.now() - started) / numbers.length
    for (const [index, { loss, gradientNorm }] of results.entries()) {
      const step = first + index + 1
      this.#divergence.observe(step, loss, gradientNorm)
      this.#step = step
      yield {
        kind: 'step',
        step,
        steps: plan.steps,
        loss,
        gradientNorm,
        learningRate: batches[index]?.learningRate as number,
        milliseconds,
        waitedMilliseconds,
      }
    }
    if (this.#step % stepsBetweenAverages === 0) this.#average?.update(this.#trainer.weights(), this.#step)
  }

  #mustValidate(): boolean {
    const { steps, validation } = this.#run.plan
    const isTurn = this.#step % validation.everySteps === 0 || this.#step === steps
    return isTurn && this.#validatedStep !== this.#step
  }

  /** Undefined where the signal cut it short. */
  async #validate(): Promise<{ event: TrainingEvent; stop: boolean } | undefined> {
    const step = this.#step
    const weights = this.#result()
    let result: { loss: number; scores: Scores }
    try {
      result = await this.#run.validate(weights, step)
    } catch (thrown) {
      if (this.#run.signal.aborted && thrown instanceof CancelledError) return undefined
      throw thrown
    }
    const { loss, scores } = result
    const { best, stop } = this.#earlyStopping.observe(step, selectionScore(scores))
    if (best) await this.#run.saveBest(weights, step, scores)
    this.#validatedStep = step
    if (this.#isTimeToSave()) await this.#save()
    return { event: { kind: 'validation', step, loss, scores, best }, stop }
  }

  /** A state whose loss stands too high is about to be given up: it must not take the place of a good one. */
  #isTimeToSave(): boolean {
    const waited = performance.now() - this.#savedTime >= millisecondsBetweenSaves
    return waited && this.#divergence.state.stepsTooHigh === 0
  }

  /** The weights to predict with: their average, where the plan wants one. */
  #result(): NamedTensors {
    return this.#average?.weights ?? this.#trainer.weights()
  }

  async #save(): Promise<void> {
    if (this.#savedStep === this.#step) return
    await this.#run.saveState(
      {
        state: this.#trainer.state(),
        loop: {
          earlyStopping: this.#earlyStopping.state,
          divergence: this.#divergence.state,
          validatedStep: this.#validatedStep,
        },
        extra: this.#average === undefined ? {} : { [averageSet]: this.#average.weights },
      },
      this.#result(),
    )
    this.#savedStep = this.#step
    this.#savedTime = performance.now()
  }
}
