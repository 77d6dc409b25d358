import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Trainer, TrainerOptions, TrainingState } from '../../../../src/model/engine/engine.ts'
import { createOnnxTrainer } from '../../../../src/model/engine/onnxruntime/trainer.ts'
import { listParameters } from '../../../../src/model/network/parameters.ts'
import type { NamedTensors } from '../../../../src/model/weights/tensor.ts'
import { sharedFolder } from '../../../shared.ts'
import { largestDifference } from '../compare.ts'
import { referenceNetwork, referenceWeights, TrainingReference } from '../reference-network.ts'

const options: TrainerOptions = {
  batch: 2,
  height: 64,
  width: 64,
  freezeEncoder: false,
  batchNorm: 'batch',
  batchNormMomentum: 0.01,
  classWeights: [1, 1, 1, 1, 1],
  weightDecay: 1e-2,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  clipNorm: undefined,
}

function freshState(weights: NamedTensors): TrainingState {
  return { weights, firstMoments: new Map(), secondMoments: new Map(), step: 0 }
}

function norm(values: ArrayLike<number>): number {
  let sum = 0
  for (const value of Array.from(values)) sum += value ** 2
  return Math.sqrt(sum)
}

describe.skipIf(sharedFolder === undefined)('training agrees with PyTorch', () => {
  let reference: TrainingReference
  beforeAll(async () => {
    reference = await TrainingReference.open()
  })
  afterAll(() => {
    reference.close()
  })

  it('starts from the same parameters', () => {
    const names = reference.readTexts('parameter_names')
    const trained = listParameters(referenceNetwork).filter((parameter) => parameter.trained)
    expect(trained.map((parameter) => parameter.name)).toEqual(names)
    const first = reference.read('parameter_first_values')
    const weights = referenceWeights(referenceNetwork)
    names.forEach((name, index) => {
      const values = weights.get(name)?.data.subarray(0, 4) as Float32Array
      values.forEach((value, place) => {
        expect(value).toBeCloseTo(first[index * 4 + place] as number, 5)
      })
    })
  })

  for (const [group, freezeEncoder] of [
    ['all', false],
    ['encoder_frozen', true],
  ] as const) {
    it(`with ${group === 'all' ? 'every weight' : 'the encoder frozen'}: ten steps`, async () => {
      const weights = referenceWeights(referenceNetwork)
      const trainer: Trainer = await createOnnxTrainer(referenceNetwork, freshState(weights), {
        ...options,
        freezeEncoder,
      })
      const batch = {
        images: reference.images(3),
        labels: Uint8Array.from(reference.read('labels')),
        learningRate: 1e-3,
        dropoutSeed: 0,
      }
      const losses: number[] = []
      for (let step = 0; step < 10; step++) {
        losses.push((await trainer.step(batch)).loss)
        if (step === 0) checkFirstStep(group, trainer.state(), weights)
      }
      await trainer.dispose()
      const expected = reference.read(`${group}/loss_float64`)
      expect(Math.abs((losses[0] as number) - (expected[0] as number))).toBeLessThan(1e-5)
      losses.forEach((loss, step) => {
        expect(Math.abs(loss / (expected[step] as number) - 1)).toBeLessThan(0.01)
      })
    })
  }

  function checkFirstStep(group: string, state: TrainingState, before: NamedTensors): void {
    const names = reference.readTexts('parameter_names')
    const norms = reference.read(`${group}/gradient_l2`)
    const inFull = new Set(reference.keys(`${group}/gradients`))
    names.forEach((name, index) => {
      const moment = state.firstMoments.get(name)
      const expected = norms[index] as number
      expect(moment === undefined, name).toBe(Number.isNaN(expected))
      if (moment === undefined) {
        const [now, then] = [state.weights, before].map((weights) => weights.get(name)?.data as Float32Array)
        expect(largestDifference(now as Float32Array, then as Float32Array), name).toBe(0)
        return
      }
      // After the first step the first moment is a tenth of the gradient.
      const gradient = moment.data.map((value) => value / (1 - options.beta1))
      const cancelled = /^block_(\d+)\.project\.beta$/.exec(name)
      if (cancelled !== null && Number(cancelled[1]) < 16) {
        expect(norm(gradient), name).toBeLessThan(1e-6)
        return
      }
      expect(Math.abs(norm(gradient) / expected - 1), name).toBeLessThan(0.005)
      if (inFull.has(name)) {
        const full = reference.read(`${group}/gradients/${name}`)
        // Rounding moves values across the bends of ReLU6, whose gradient jumps there: single elements scatter more than norms.
        expect(largestDifference(gradient, full) / norm(full), name).toBeLessThan(0.01)
      }
    })
    for (const name of reference.keys(`${group}/moving_statistics_after_one_step`)) {
      const expected = reference.read(`${group}/moving_statistics_after_one_step/${name}`)
      expect(largestDifference(state.weights.get(name)?.data as Float32Array, expected), name).toBeLessThan(
        1e-4,
      )
    }
  }
})
