import { expect, it } from 'vitest'
import { buildNetwork } from '../../../src/model/network/unet.ts'
import { RandomGenerator } from '../../../src/model/random.ts'
import { initialiseWeights } from '../../../src/model/weights/initialise.ts'
import type { Tensor } from '../../../src/model/weights/tensor.ts'

const network = buildNetwork({
  encoder: 'mobilenet-v2',
  alpha: 1,
  decoder: 'slim',
  inputChannels: 1,
  classes: 3,
  dropout: 0,
})

function deviation({ data }: Tensor): number {
  return Math.sqrt(data.reduce((sum, value) => sum + value * value, 0) / data.length)
}

it('kernels have the deviation sqrt(2 / fan) and no outlier, the head a small one; the rest is 1 or 0', () => {
  const weights = initialiseWeights(network, new RandomGenerator(7))
  const kernel = (name: string): Tensor => weights.get(name) as Tensor
  // 960 x 1 x 3 x 3: nine values of the input reach one of the output.
  expect(deviation(kernel('block_16.depthwise.kernel')) / Math.sqrt(2 / 9)).toBeCloseTo(1, 1)
  expect(deviation(kernel('block_14.expand.kernel')) / Math.sqrt(2 / 160)).toBeCloseTo(1, 2)
  // 320 x 128 x 4 x 4 with stride 2: 320 channels times four taps.
  expect(deviation(kernel('decoder_0.kernel')) / Math.sqrt(2 / (320 * 4))).toBeCloseTo(1, 2)
  expect(deviation(kernel('head.kernel')) / 0.01).toBeCloseTo(1, 1)
  // Two deviations, over 0.8796 for what the cut takes away.
  const largest = kernel('decoder_0.kernel').data.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  expect(largest / Math.sqrt(2 / (320 * 4))).toBeCloseTo(2 / 0.8796, 2)
  for (const [name, { data }] of weights) {
    if (/(gamma|moving_variance)$/.test(name)) expect(data.every((value) => value === 1)).toBe(true)
    if (/(beta|bias|moving_mean)$/.test(name)) expect(data.every((value) => value === 0)).toBe(true)
  }
})

it('one seed gives one set of weights', () => {
  const bytes = (seed: number): Buffer[] =>
    [...initialiseWeights(network, new RandomGenerator(seed)).values()].map(({ data }) =>
      Buffer.from(data.buffer),
    )
  const again = bytes(1)
  expect(bytes(1).every((tensor, index) => tensor.equals(again[index] as Buffer))).toBe(true)
  expect(bytes(2)[0]?.equals(again[0] as Buffer)).toBe(false)
})
