import { SegscopeError } from '../errors.ts'

/** Share of the old value in the smoothed loss: it follows the last 20 steps or so. */
const smoothing = 0.95
/** A loss that recovers sooner than this was a few hard batches. */
const stepsToWait = 50

/** JSON, to be kept in a checkpoint. */
export interface DivergenceState {
  steps: number
  /** Exponential moving average of the loss, before the correction for its start at 0. */
  average: number
  /** The lowest corrected average so far; null before the first step. */
  best: number | null
  /** Steps in a row at which the average was too high. */
  stepsTooHigh: number
}

/**
 * Watches the losses of a run. It has diverged when a loss or a gradient is no number any more, or when the smoothed
 * loss has stood for 50 steps above its best by more than ln(classes): that is the loss of a network that knows
 * nothing, so that whatever had been learned is lost. A run that never learns has not diverged.
 */
export class DivergenceMonitor {
  readonly #limit: number
  #state: DivergenceState

  /** @param state to continue from */
  constructor(classes: number, state?: DivergenceState) {
    this.#limit = Math.log(classes)
    this.#state = state === undefined ? { steps: 0, average: 0, best: null, stepsTooHigh: 0 } : { ...state }
  }

  get state(): DivergenceState {
    return { ...this.#state }
  }

  /** @throws SegscopeError `training-diverged`, with the reason and what to try */
  observe(step: number, loss: number, gradientNorm: number): void {
    if (!Number.isFinite(loss)) throw diverged(`the loss of step ${String(step)} is ${String(loss)}`)
    if (!Number.isFinite(gradientNorm)) {
      throw diverged(`the gradient of step ${String(step)} is ${String(gradientNorm)}`)
    }
    const steps = this.#state.steps + 1
    const average = smoothing * this.#state.average + (1 - smoothing) * loss
    const smoothed = average / (1 - smoothing ** steps)
    const best = Math.min(this.#state.best ?? Infinity, smoothed)
    const stepsTooHigh = smoothed > best + this.#limit ? this.#state.stepsTooHigh + 1 : 0
    this.#state = { steps, average, best, stepsTooHigh }
    if (stepsTooHigh >= stepsToWait) {
      throw diverged(
        `by step ${String(step)} the loss had risen from ${best.toFixed(3)} to ${smoothed.toFixed(3)} and did not come down for ${String(stepsToWait)} steps`,
      )
    }
  }
}

function diverged(reason: string): SegscopeError {
  return new SegscopeError('training-diverged', `Training diverged: ${reason}.`, {
    remedy:
      'Train again with a learning rate ten times smaller; if that does not help, look for labels that contradict each other and for images that are damaged.',
  })
}
