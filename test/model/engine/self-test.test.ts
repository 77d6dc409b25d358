import { expect, it } from 'vitest'
import type { Engine, Trainer } from '../../../src/model/engine/engine.ts'
import { loadEngine } from '../../../src/model/engine/engines.ts'
import { checkEngine } from '../../../src/model/engine/self-test.ts'

const engine = await loadEngine('onnxruntime')

/** The engine on a device whose predictions come out changed. */
function predictingWrongly(change: (logits: Float32Array) => void): Engine {
  return {
    ...engine,
    createPredictor: async (...order) => {
      const predictor = await engine.createPredictor(...order)
      return {
        run: async (images) => {
          const output = await predictor.run(images)
          change(output.data)
          return output
        },
        dispose: () => predictor.dispose(),
      }
    },
  }
}

/** The engine on a device that trains in some wrong way. */
function trainingWrongly(steps: (trainer: Trainer) => Trainer['steps']): Engine {
  return {
    ...engine,
    createTrainer: async (...order) => {
      const trainer = await engine.createTrainer(...order)
      return {
        steps: steps(trainer),
        weights: () => trainer.weights(),
        state: () => trainer.state(),
        dispose: () => trainer.dispose(),
      }
    },
  }
}

it('an engine that computes rightly passes', async () => {
  await expect(checkEngine(engine)).resolves.toBeUndefined()
})

it.each([
  [
    'a thousandth too large',
    predictingWrongly((logits) => logits.forEach((v, i) => (logits[i] = 1.001 * v))),
  ],
  ['a tile of zeros', predictingWrongly((logits) => logits.fill(0, 5000, 5000 + 1024))],
  ['not a number', predictingWrongly((logits) => logits.fill(NaN))],
  ['classes exchanged', predictingWrongly((logits) => logits.copyWithin(0, 64 * 64, 2 * 64 * 64))],
  [
    'no weight ever changes',
    trainingWrongly(
      (trainer) => (batches) => trainer.steps(batches.map((batch) => ({ ...batch, learningRate: 0 }))),
    ),
  ],
  [
    'gradients without one of the two images',
    trainingWrongly((trainer) => (batches) => {
      const half = (labels: Uint8Array): Uint8Array => labels.slice().fill(255, labels.length / 2)
      return trainer.steps(batches.map((batch) => ({ ...batch, labels: half(batch.labels) })))
    }),
  ],
  [
    'losses that are right, and a gradient that is not',
    trainingWrongly((trainer) => async (batches) => {
      const results = await trainer.steps(batches)
      return results.map(({ loss, gradientNorm }) => ({ loss, gradientNorm: 1.1 * gradientNorm }))
    }),
  ],
])('one that does not is caught: %s', async (_, wrong) => {
  await expect(checkEngine(wrong)).rejects.toMatchObject({ code: 'engine-wrong' })
})
