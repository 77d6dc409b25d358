import { describe, expect, it } from 'vitest'
import type { Engine, TrainerOptions, TrainingBatch } from '../../../../src/model/engine/engine.ts'
import { loadEngine } from '../../../../src/model/engine/engines.ts'
import type { Network } from '../../../../src/model/network/network.ts'
import { buildNetwork } from '../../../../src/model/network/unet.ts'
import { RandomGenerator } from '../../../../src/model/random.ts'
import { initialiseWeights } from '../../../../src/model/weights/initialise.ts'
import { largestDifference } from '../compare.ts'
import { hasRuntime } from './runtime.ts'
import { doStep } from '../do-step.ts'

const classes = 3
const options: TrainerOptions = {
  batch: 2,
  height: 64,
  width: 96,
  freezeEncoder: false,
  batchNorm: 'batch',
  batchNormMomentum: 0.01,
  classWeights: [0.5, 1, 3],
  diceWeight: 0,
  weightDecay: 1e-2,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  clipNorm: 1,
}

function networkOf(dropout: number, decoder: string): Network {
  return buildNetwork({ encoder: 'mobilenet-v2', alpha: 0.35, decoder, inputChannels: 2, classes, dropout })
}

/** Noise with stripes of the classes, and some pixels that are not labelled. */
function drawBatch(seed: number): TrainingBatch {
  const { batch, height, width } = options
  const random = new RandomGenerator(seed)
  const pixels = batch * height * width
  return {
    images: {
      data: Float32Array.from({ length: pixels * 2 }, () => random.uniform(-1, 1)),
      batch,
      channels: 2,
      height,
      width,
    },
    labels: Uint8Array.from({ length: pixels }, (_, pixel) =>
      random.nextInteger(4) === 0 ? 255 : Math.floor(pixel / 7) % classes,
    ),
    learningRate: 1e-3,
    dropoutSeed: seed,
  }
}

describe.runIf(hasRuntime)('TensorFlow and ONNX Runtime', async () => {
  if (!hasRuntime) return
  const engines: readonly Engine[] = await Promise.all(['onnxruntime', 'tensorflow'].map(loadEngine))
  const [onnx, tensorflow] = engines as [Engine, Engine]

  it.each([
    ['all that trains', 'pix2pix', { freezeEncoder: false }],
    ['a frozen encoder, dropout', 'slim', { freezeEncoder: true }],
    ['frozen batch norms, soft Dice', 'slim', { batchNorm: 'frozen', diceWeight: 0.7 }],
  ] as const)(
    'train alike, and predict alike from what either has learnt: %s',
    async (_, decoder, changed) => {
      const network = networkOf(decoder === 'slim' ? 0.3 : 0, decoder)
      const weights = initialiseWeights(network, new RandomGenerator(3))
      const fresh = { weights, firstMoments: new Map(), secondMoments: new Map(), step: 0 }
      const trainers = await Promise.all(
        [onnx, tensorflow].map((engine) => engine.createTrainer(network, fresh, { ...options, ...changed })),
      )
      for (let step = 0; step < 10; step++) {
        const results = []
        for (const trainer of trainers) results.push(await doStep(trainer, drawBatch(step)))
        expect(Math.abs((results[1]?.loss as number) / (results[0]?.loss as number) - 1)).toBeLessThan(0.01)
      }
      const states = trainers.map((trainer) => trainer.state())
      await Promise.all(trainers.map((trainer) => trainer.dispose()))
      // Each goes on from the other's state.
      const [fromOnnx, fromTensorFlow] = states as [(typeof states)[0], (typeof states)[0]]
      for (const state of [fromOnnx, fromTensorFlow]) {
        const losses = []
        for (const engine of [onnx, tensorflow]) {
          const trainer = await engine.createTrainer(network, state, { ...options, ...changed })
          losses.push((await doStep(trainer, drawBatch(11))).loss)
          await trainer.dispose()
        }
        expect(Math.abs((losses[1] as number) / (losses[0] as number) - 1)).toBeLessThan(1e-3)

        const outputs = []
        for (const engine of [onnx, tensorflow]) {
          const predictor = await engine.createPredictor(network, state.weights, { output: 'logits' })
          outputs.push((await predictor.run(drawBatch(12).images)).data.slice())
          await predictor.dispose()
        }
        expect(largestDifference(outputs[1] as Float32Array, outputs[0] as Float32Array)).toBeLessThan(1e-3)
      }
    },
  )
})
