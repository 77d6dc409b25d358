import { expect, it } from 'vitest'
import { WeightAverage } from '../../../src/model/training/weight-average.ts'

const weights = (...values: number[]) =>
  new Map([['head.bias', { shape: [values.length], data: Float32Array.from(values) }]])

it('follows the weights, fast at first and by its decay later, and continues from a checkpoint', () => {
  const start = weights(0, 10)
  const average = new WeightAverage(0.99, start, 0)
  average.update(weights(1, 10), 10)
  const first = 1 - (11 / 20) ** 10
  expect(average.weights.get('head.bias')?.data).toEqual(Float32Array.of(first, 10))
  expect(start.get('head.bias')?.data).toEqual(Float32Array.of(0, 10))

  const resumed = new WeightAverage(0.99, average.weights, 9990)
  resumed.update(weights(1, 20), 10_000)
  const [one, two] = resumed.weights.get('head.bias')?.data ?? []
  expect(one).toBeCloseTo(1 - 0.99 ** 10 * (1 - first), 6)
  expect(two).toBeCloseTo(20 - 0.99 ** 10 * 10, 5)
})

it('refuses the weights of another network', () => {
  expect(() => {
    new WeightAverage(0.9, weights(1, 2), 0).update(weights(1), 1)
  }).toThrow(/head\.bias/)
})
