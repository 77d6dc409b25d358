/** JSON, to be kept in a checkpoint. */
export interface EarlyStoppingState {
  /** null before the first score. */
  bestScore: number | null
  bestStep: number
  /** Validations since the best one. */
  withoutImprovement: number
}

/** Remembers the best validation score, and tells when it has not been beaten for long. */
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
   * @returns whether it is the best so far, and whether patience is at its end
   */
  observe(step: number, score: number): { best: boolean; stop: boolean } {
    const best = !Number.isNaN(score) && score > (this.#state.bestScore ?? -Infinity)
    this.#state = best
      ? { bestScore: score, bestStep: step, withoutImprovement: 0 }
      : { ...this.#state, withoutImprovement: this.#state.withoutImprovement + 1 }
    return { best, stop: this.#state.withoutImprovement >= this.#patience }
  }
}
