import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type {
  Engine,
  TrainerOptions,
  TrainingBatch,
  TrainingState,
} from '../../../src/model/engine/engine.ts'
import { RandomGenerator } from '../../../src/model/random.ts'
import type { NamedTensors } from '../../../src/model/weights/tensor.ts'
import { sharedFolder } from '../../shared.ts'
import { largestDifference } from './compare.ts'
import { referenceNetwork, referenceWeights, TrainingReference } from './reference-network.ts'
import { doStep } from './do-step.ts'

/** How the reference was trained. */
export const referenceOptions: TrainerOptions = {
  batch: 2,
  height: 64,
  width: 64,
  freezeEncoder: false,
  batchNorm: 'batch',
  batchNormMomentum: 0.01,
  classWeights: [1, 1, 1, 1, 1],
  diceWeight: 0,
  weightDecay: 1e-2,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  clipNorm: undefined,
}

export function freshState(weights: NamedTensors): TrainingState {
  return { weights, firstMoments: new Map(), secondMoments: new Map(), step: 0 }
}

function norm(values: ArrayLike<number>): number {
  let sum = 0
  for (const value of Array.from(values)) sum += value ** 2
  return Math.sqrt(sum)
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] as number
}

export const groups = [
  ['all', false],
  ['encoder_frozen', true],
] as const

/** What every engine's training must agree with; called by the tests of each. */
export function testTrainingAgainstPyTorch(engine: Pick<Engine, 'createTrainer'>): void {
  describe.skipIf(sharedFolder === undefined)('training agrees with PyTorch', () => {
    let reference: TrainingReference
    beforeAll(async () => {
      reference = await TrainingReference.open()
    })
    afterAll(() => {
      reference.close()
    })

    /**
     * Rounding moves values across the bends of ReLU6, where gradients jump: with the whole network training, an input moved
     * by less than its own rounding moves single norms by up to 1.1 % in PyTorch as well (24 inputs, its worst parameter: 0.34 %
     * in the median). So each gradient is the median of several such inputs. With the encoder frozen there is no such thing.
     */
    it.each(groups)('computes the gradients of the first step: %s', async (group, freezeEncoder) => {
      const weights = referenceWeights(referenceNetwork)
      // With a rate of 0 the weights stay; with beta1 0 the first moment is the gradient.
      const trainer = await engine.createTrainer(referenceNetwork, freshState(weights), {
        ...referenceOptions,
        beta1: 0,
        freezeEncoder,
      })
      const { images, ...others } = firstBatch()
      const random = new RandomGenerator(1)
      const runs: NamedTensors[] = []
      for (let run = 0; run < (freezeEncoder ? 1 : 7); run++) {
        const data = images.data.map((value) => value * (1 + (run === 0 ? 0 : random.uniform(-1e-7, 1e-7))))
        await doStep(trainer, { ...others, images: { ...images, data }, learningRate: 0 })
        runs.push(trainer.state().firstMoments)
      }
      await trainer.dispose()

      const norms = reference.read(`${group}/gradient_l2`)
      const inFull = new Set(reference.keys(`${group}/gradients`))
      for (const [index, name] of reference.readTexts('parameter_names').entries()) {
        const gradients = runs.flatMap((run) => run.get(name)?.data ?? [])
        const expected = norms[index] as number
        expect(gradients.length === 0, name).toBe(Number.isNaN(expected))
        if (gradients.length === 0) continue
        const computed = median(gradients.map(norm))
        const cancelled = /^block_(\d+)\.project\.beta$/.exec(name)
        if (cancelled !== null && Number(cancelled[1]) < 16) {
          expect(computed, name).toBeLessThan(1e-6)
          continue
        }
        expect(Math.abs(computed / expected - 1), name).toBeLessThan(0.005)
        if (inFull.has(name)) {
          const full = reference.read(`${group}/gradients/${name}`)
          const middle = (gradients[0] as Float32Array).map((_, place) =>
            median(gradients.map((gradient) => gradient[place] as number)),
          )
          expect(largestDifference(middle, full) / norm(full), name).toBeLessThan(0.01)
        }
      }
    })

    it.each(groups)('takes ten steps: %s', async (group, freezeEncoder) => {
      const weights = referenceWeights(referenceNetwork)
      const trainer = await engine.createTrainer(referenceNetwork, freshState(weights), {
        ...referenceOptions,
        freezeEncoder,
      })
      const expected = reference.read(`${group}/loss_float64`)
      for (let step = 0; step < 10; step++) {
        const { loss } = await doStep(trainer, firstBatch())
        if (step === 0) {
          expect(Math.abs(loss - (expected[0] as number))).toBeLessThan(1e-5)
          checkMovingStatistics(group, trainer.weights())
        }
        expect(Math.abs(loss / (expected[step] as number) - 1)).toBeLessThan(0.01)
      }
      await trainer.dispose()
    })

    function firstBatch(): TrainingBatch {
      return {
        images: reference.images(3),
        labels: Uint8Array.from(reference.read('labels')),
        learningRate: 1e-3,
        dropoutSeed: 0,
      }
    }

    function checkMovingStatistics(group: string, weights: NamedTensors): void {
      for (const name of reference.keys(`${group}/moving_statistics_after_one_step`)) {
        const expected = reference.read(`${group}/moving_statistics_after_one_step/${name}`)
        const computed = weights.get(name)?.data as Float32Array
        expect(largestDifference(computed, expected), name).toBeLessThan(1e-4)
      }
    }
  })
}
