/**
 * Scores this near to the best are as good. Those of a few validation images move by as much from look to look, and of
 * weights that score alike the later ones do better on other images: they have seen more, at a lower learning rate. Measured on
 * mixed images of nuclei, the highest of twenty such scores stood half way through and gave a Dice of 0.872 on unseen images, the last
 * one, 0.004 below it, 0.900.
 */
const asGood = 0.01

/** JSON, to be kept in a checkpoint. */
export interface EarlyStoppingState {
  /** The highest; null before the first. */
  bestScore: number | null
  /** The latest that is as good. */
  bestStep: number
  /** Validations since the highest score. */
  withoutImprovement: number
}

/** Tells which validation is the best, and when its score has not been beaten for long. */
export class EarlyStopping {
  readonly #patience: number
  #state: EarlyStoppingState

  /**
   * @param patience validations without a better score after which to stop
   * @param state to continue from
   */
  constructor(patience: number, state?: EarlyStoppingState) {
    this.#patience = patience
    this.#state = state === undefined ? { bestScore: null, bestStep: 0, withoutImprovement: 0 } : { ...state }
  }

  get state(): EarlyStoppingState {
    return { ...this.#state }
  }

  /**
   * Takes a score, larger being better; NaN is never better.
   * @returns whether it is the best so far or as good, and whether patience is at its end
   */
  observe(step: number, score: number): { best: boolean; stop: boolean } {
    const { bestScore, bestStep, withoutImprovement } = this.#state
    const highest = bestScore ?? -Infinity
    const best = score >= highest - asGood
    this.#state = {
      bestScore: score > highest ? score : bestScore,
      bestStep: best ? step : bestStep,
      withoutImprovement: score > highest ? 0 : withoutImprovement + 1,
    }
    return { best, stop: this.#state.withoutImprovement >= this.#patience }
  }
}
