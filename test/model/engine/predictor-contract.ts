import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Engine, ImageBatch, Predictor } from '../../../src/model/engine/engine.ts'
import { buildNetwork } from '../../../src/model/network/unet.ts'
import { RandomGenerator } from '../../../src/model/random.ts'
import { initialiseWeights } from '../../../src/model/weights/initialise.ts'
import { adaptInputChannels } from '../../../src/model/weights/input-channels.ts'
import type { Tensor } from '../../../src/model/weights/tensor.ts'
import { sharedFolder } from '../../shared.ts'
import { largestDifference } from './compare.ts'
import { referenceNetwork, referenceWeights, TrainingReference } from './reference-network.ts'

/** What every engine's predictor must do; called by the tests of each. */
export function testPredictor(engine: Pick<Engine, 'createPredictor'>): void {
  describe.skipIf(sharedFolder === undefined)("the whole network's logits agree with PyTorch's", () => {
    let reference: TrainingReference
    beforeAll(async () => {
      reference = await TrainingReference.open()
    })
    afterAll(() => {
      reference.close()
    })

    it.each([
      ['the grey image repeated', 3],
      ['the stem summed', 1],
    ] as const)('with %s', async (_, channels) => {
      const network = buildNetwork({ ...referenceNetwork.description, inputChannels: channels })
      const weights = referenceWeights(referenceNetwork)
      weights.set('stem.kernel', adaptInputChannels(weights.get('stem.kernel') as Tensor, channels))
      const predictor = await engine.createPredictor(network, weights, { output: 'logits' })
      const { data } = await predictor.run(reference.images(channels))
      expect(largestDifference(data, reference.read('all/logits_eval'))).toBeLessThan(1e-3)
      await predictor.dispose()
    })
  })

  describe('a predictor', () => {
    const network = buildNetwork({
      encoder: 'mobilenet-v2',
      alpha: 0.35,
      decoder: 'slim',
      inputChannels: 2,
      classes: 3,
      dropout: 0.5,
    })
    const weights = initialiseWeights(network, new RandomGenerator(4))
    // Logits far enough apart for probabilities to differ.
    weights.get('head.kernel')?.data.forEach((value, index, data) => (data[index] = 100 * value))

    function noise(batch: number, height: number, width: number): ImageBatch {
      const random = new RandomGenerator(batch)
      const data = Float32Array.from({ length: batch * 2 * height * width }, () => random.uniform(-1, 1))
      return { data, batch, channels: 2, height, width }
    }

    let predictor: Predictor
    beforeAll(async () => {
      predictor = await engine.createPredictor(network, weights, { output: 'logits', threads: 1 })
    })
    afterAll(async () => {
      await predictor.dispose()
    })

    it('takes one size after the other, and answers each image of a batch as if it came alone', async () => {
      const together = noise(2, 32, 96)
      const { data, ...shape } = await predictor.run(together)
      expect(shape).toEqual({ batch: 2, classes: 3, height: 32, width: 96 })
      const both = data.slice()
      const half = together.data.length / 2
      for (const start of [0, half]) {
        const alone = await predictor.run({
          ...together,
          batch: 1,
          data: together.data.subarray(start, start + half),
        })
        const expected = both.subarray((start * 3) / 2, ((start + half) * 3) / 2)
        expect(largestDifference(alone.data, expected)).toBeLessThan(1e-5)
      }
      expect((await predictor.run(noise(1, 64, 32))).height).toBe(64)
    })

    it('gives probabilities: the softmax of the logits over the classes', async () => {
      const probabilistic = await engine.createPredictor(network, weights, {
        output: 'probabilities',
        threads: 1,
      })
      const images = noise(2, 32, 32)
      const logits = (await predictor.run(images)).data
      const probabilities = (await probabilistic.run(images)).data
      const plane = 32 * 32
      const expected = logits.map((_, index) => {
        const image = Math.floor(index / (3 * plane))
        const exponential = (number: number): number =>
          Math.exp(logits[(image * 3 + number) * plane + (index % plane)] as number)
        return exponential(Math.floor(index / plane) % 3) / (exponential(0) + exponential(1) + exponential(2))
      })
      expect(largestDifference(probabilities, expected)).toBeLessThan(1e-6)
      expect(Math.max(...probabilities) - Math.min(...probabilities)).toBeGreaterThan(0.5)
      await probabilistic.dispose()
    })

    it('refuses sizes that are no multiple of 32', async () => {
      await expect(predictor.run(noise(1, 48, 64))).rejects.toThrow(
        new RangeError('The network takes multiples of 32 pixels, not 64 x 48.'),
      )
      await expect(predictor.run(noise(1, 64, 33))).rejects.toThrow(RangeError)
    })

    it('tells what the engine refuses, and goes on', async () => {
      const grey = { ...noise(1, 32, 64), channels: 1, height: 64 }
      await expect(predictor.run(grey)).rejects.toMatchObject({ code: 'engine-failed' })
      expect((await predictor.run(noise(1, 32, 32))).data.every(Number.isFinite)).toBe(true)
    })
  })
}
