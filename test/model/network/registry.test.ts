import { beforeAll, describe, expect, it } from 'vitest'
import { createOnnxPredictor } from '../../../src/model/engine/onnxruntime/predictor.ts'
import { createOnnxTrainer } from '../../../src/model/engine/onnxruntime/trainer.ts'
import type { ImageBatch } from '../../../src/model/engine/engine.ts'
import type { Network } from '../../../src/model/network/network.ts'
import { listParameters } from '../../../src/model/network/parameters.ts'
import { buildNetwork, decoders, encoders } from '../../../src/model/network/unet.ts'
import { RandomGenerator } from '../../../src/model/random.ts'
import { initialiseWeights } from '../../../src/model/weights/initialise.ts'
import type { NamedTensors } from '../../../src/model/weights/tensor.ts'
import { doStep } from '../engine/do-step.ts'

const variants = [
  { alpha: 0.35, inputChannels: 1, classes: 2 },
  { alpha: 0.5, inputChannels: 2, classes: 5 },
  { alpha: 1, inputChannels: 3, classes: 5 },
  { alpha: 1.4, inputChannels: 5, classes: 2 },
]
const pairs = encoders.flatMap((encoder) => decoders.map((decoder) => [encoder.name, decoder.name] as const))
// Two variants for each pair, in turn: that layers fit is checked for all combinations, without running them.
const networks = pairs.flatMap(([encoder, decoder], pair) =>
  variants
    .filter((_, index) => index % 2 === pair % 2)
    .map((variant) => buildNetwork({ encoder, decoder, ...variant, dropout: 0.5 })),
)

/**
 * As for a new training, but with offsets: where they are 0, the gradient of most gammas is nearly 0, since the next batch norm takes
 * the factor out again that ReLU6 let through.
 */
function initialiseWithOffsets(network: Network): NamedTensors {
  const random = new RandomGenerator(1)
  const weights = initialiseWeights(network, random)
  for (const [name, { data }] of weights) {
    if (name.endsWith('.beta')) data.forEach((_, index) => (data[index] = random.uniform(-0.5, 0.5)))
  }
  return weights
}

function noise(channels: number, height: number, width: number): ImageBatch {
  const random = new RandomGenerator(9)
  const data = Float32Array.from({ length: 2 * channels * height * width }, () => random.uniform(-1, 1))
  return { data, batch: 2, channels, height, width }
}

describe.each(networks)(
  '$description.encoder $description.alpha with $description.decoder, $inputChannels channels, $classes classes',
  (network) => {
    let weights: NamedTensors
    beforeAll(() => {
      weights = initialiseWithOffsets(network)
    })

    it('gives finite logits of its input size', async () => {
      const predictor = await createOnnxPredictor(network, weights, { output: 'logits', threads: 2 })
      const { data, batch, classes, height, width } = await predictor.run(
        noise(network.inputChannels, 64, 32),
      )
      expect([batch, classes, height, width]).toEqual([2, network.classes, 64, 32])
      expect(data).toHaveLength(2 * network.classes * 64 * 32)
      expect(data.every(Number.isFinite)).toBe(true)
      expect(new Set(data).size).toBeGreaterThan(data.length / 2)
      await predictor.dispose()
    })

    it('has a gradient in every parameter', async () => {
      const trainer = await createOnnxTrainer(
        network,
        { weights, firstMoments: new Map(), secondMoments: new Map(), step: 0 },
        {
          batch: 2,
          height: 64,
          width: 64,
          freezeEncoder: false,
          batchNorm: 'batch',
          batchNormMomentum: 0.1,
          classWeights: new Array<number>(network.classes).fill(1),
          diceWeight: 0,
          weightDecay: 0,
          beta1: 0,
          beta2: 0.999,
          epsilon: 1e-8,
          clipNorm: undefined,
          threads: 2,
        },
      )
      const random = new RandomGenerator(5)
      const labels = Uint8Array.from({ length: 2 * 64 * 64 }, () => random.nextInteger(network.classes))
      const { loss, gradientNorm } = await doStep(trainer, {
        images: noise(network.inputChannels, 64, 64),
        labels,
        learningRate: 1e-3,
        dropoutSeed: 3,
      })
      // The head starts small, so that all classes are as likely.
      expect(Math.abs(loss / Math.log(network.classes) - 1)).toBeLessThan(0.1)
      // With beta1 0 the first moment is the gradient.
      const { firstMoments } = trainer.state()
      const largest = (name: string): number =>
        (firstMoments.get(name)?.data as Float32Array).reduce(
          (most, value) => Math.max(most, Math.abs(value)),
          0,
        )
      for (const { name, trained } of listParameters(network)) {
        if (!trained) continue
        if (isCancelled(name)) expect(largest(name) / gradientNorm, name).toBeLessThan(1e-6)
        else expect(largest(name) / gradientNorm, name).toBeGreaterThan(2e-6)
      }
      await trainer.dispose()
    })
  },
)

/** Whether only a batch norm sees this offset, through 1x1 convolutions: it takes it out again. */
function isCancelled(name: string): boolean {
  const block = /^block_(\d+)\.project\.beta$/.exec(name)
  return block !== null && Number(block[1]) < 16
}
