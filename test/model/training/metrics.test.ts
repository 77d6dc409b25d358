import { describe, expect, it } from 'vitest'
import { ConfusionMatrix, selectionScore } from '../../../src/model/training/metrics.ts'

describe('ConfusionMatrix', () => {
  it('pools labelled pixels over images', () => {
    const matrix = new ConfusionMatrix(4)
    matrix.add(Uint8Array.of(0, 0, 1, 1, 2, 255), Uint8Array.of(0, 1, 1, 1, 0, 3))
    matrix.add(Uint8Array.of(1, 255), Uint8Array.of(0, 1))
    // Class 0: 2 labelled, 3 predicted, 1 both. Class 1: 3, 3, 2. Class 2: 1, 0, 0. Class 3: only where nobody labelled.
    const { dice, iou } = matrix.scores()
    expect(dice).toEqual([2 / 5, 4 / 6, 0, Number.NaN])
    expect(iou).toEqual([1 / 4, 2 / 4, 0, Number.NaN])
    expect(selectionScore({ dice, iou })).toBeCloseTo(1 / 3)
  })

  it('refuses a prediction of another size', () => {
    expect(() => {
      new ConfusionMatrix(2).add(new Uint8Array(4), new Uint8Array(5))
    }).toThrow(RangeError)
  })
})

describe('selectionScore', () => {
  it('takes the background where there is nothing else, and is NaN without labels', () => {
    expect(selectionScore({ dice: [0.9, Number.NaN], iou: [] })).toBe(0.9)
    expect(selectionScore({ dice: [Number.NaN, Number.NaN], iou: [] })).toBeNaN()
  })
})
