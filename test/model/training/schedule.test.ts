import { expect, it } from 'vitest'
import { learningRateAt } from '../../../src/model/training/schedule.ts'

it('warms up to the peak and falls along a cosine to a hundredth', () => {
  const plan = { steps: 110, schedule: { peakLearningRate: 2, warmUpSteps: 10 } }
  expect(learningRateAt(0, plan)).toBeCloseTo(0.2)
  expect(learningRateAt(4, plan)).toBeCloseTo(1)
  expect(learningRateAt(9, plan)).toBe(2)
  expect(learningRateAt(10, plan)).toBe(2)
  expect(learningRateAt(60, plan)).toBeCloseTo((2 + 0.02) / 2)
  expect(learningRateAt(110, plan)).toBeCloseTo(0.02)
  expect(learningRateAt(0, { steps: 1, schedule: { peakLearningRate: 2, warmUpSteps: 0 } })).toBe(2)
})
