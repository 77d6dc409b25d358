import { copyTensors, type NamedTensors } from '../weights/tensor.ts'

/** Steps between two updates: going through ten million weights at each step would cost more than it gains. */
export const stepsBetweenAverages = 10

/**
 * Exponential moving average of the weights (and the moving statistics): steadier than the weights of any one
 * step. The average of a short run would be made of its beginning; therefore at most `(1 + step) / (10 + step)` is kept
 * of the old, as TensorFlow's ExponentialMovingAverage does, and the beginning is soon forgotten.
 */
export class WeightAverage {
  readonly #decay: number
  readonly #weights: NamedTensors
  #step: number

  /**
   * @param decay share of the average that each step keeps
   * @param weights to start from, or to continue from: they are copied
   * @param step at which they are the average
   */
  constructor(decay: number, weights: NamedTensors, step: number) {
    this.#decay = decay
    this.#weights = copyTensors(weights)
    this.#step = step
  }

  /** Changes with each update. */
  get weights(): NamedTensors {
    return this.#weights
  }

  /** Takes in the weights of a step; those of the steps since the last update count as equal to them. */
  update(weights: NamedTensors, step: number): void {
    const kept = Math.min(this.#decay, (1 + step) / (10 + step)) ** (step - this.#step)
    this.#step = step
    for (const [name, { data: average }] of this.#weights) {
      const current = weights.get(name)?.data
      if (current?.length !== average.length) throw new RangeError(`No weights of the same size for ${name}.`)
      for (let index = 0; index < average.length; index++) {
        const value = current[index] as number
        average[index] = value + kept * ((average[index] as number) - value)
      }
    }
  }
}
