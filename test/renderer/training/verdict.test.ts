import { expect, test } from 'vitest'
import type { Curves, ExperimentDetails } from '../../../src/preload/contract/experiments.ts'
import { verdictOf } from '../../../src/renderer/features/training/run/verdict.ts'

type Dice = (number | null)[]

function curvesOf(classNames: string[], dice: Dice[], best = dice.length - 1): Curves {
  const validations = dice.map((scores, index) => ({
    step: 10 * (index + 1),
    loss: 1,
    dice: scores,
    best: index === best,
  }))
  return { classNames, steps: [], validations }
}

function run(
  heldOut: number,
  stepsDone = 100,
): Pick<ExperimentDetails, 'status' | 'steps' | 'stepsDone' | 'data'> {
  const data = Array.from({ length: heldOut + 3 }, (_, index) => ({
    image: index + 1,
    page: 0,
    path: `/images/${index}.tif`,
    split: index < heldOut ? ('validation' as const) : ('training' as const),
  }))
  return { status: 'finished', steps: 100, stepsDone, data }
}

test('one class is judged by its best validation, on images that were held out', () => {
  const curves = curvesOf(
    ['background', 'colony'],
    [
      [1, 0.908],
      [1, 0.85],
    ],
    0,
  )
  const verdict = verdictOf(curves, run(2))
  expect(verdict).toMatchObject({
    standing: 'good',
    sentence: 'On 2 images it had never seen, 91 % of colony agrees with your labels (Dice 0.91).',
  })
})

test('several classes are named, and the weakest is what to label', () => {
  const verdict = verdictOf(
    curvesOf(['background', 'colony', 'rim', 'debris'], [[1, 0.93, 0.41, null]]),
    run(1),
  )
  expect(verdict?.standing).toBe('weak')
  expect(verdict?.sentence).toBe(
    'On an image it had never seen, 93 % of colony and 41 % of rim agree with your labels (Dice 0.93 and 0.41).',
  )
  expect(verdict?.advice.join(' ')).toMatch(/Weakest is rim .* label more of it.* Nothing is known of debris/)
})

test('scores of images that were learnt from promise nothing', () => {
  const verdict = verdictOf(curvesOf(['background', 'colony'], [[1, 0.99]]), run(0))
  expect(verdict?.standing).toBe('unknown')
  expect(verdict?.sentence).toMatch(/^On the images it learnt from, 99 % of colony/)
  expect(verdict?.advice[0]).toMatch(/cannot be told/)
})

test('a run that still rose asks for time, one that ended early for labels, and one without scores for nothing', () => {
  const rising = curvesOf(
    ['background', 'colony'],
    [
      [1, 0.2],
      [1, 0.4],
      [1, 0.6],
      [1, 0.7],
    ],
  )
  expect(verdictOf(rising, run(1))?.advice.join(' ')).toMatch(/training longer may help/)
  expect(verdictOf(rising, run(1, 60))?.advice.join(' ')).toMatch(/ended early/)
  expect(verdictOf(curvesOf(['background', 'colony'], [[1, null]]), run(1))).toMatchObject({
    standing: 'unknown',
  })
  expect(verdictOf(curvesOf(['background', 'colony'], []), run(1))).toBeUndefined()
})
