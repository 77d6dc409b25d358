import { expect, test } from 'vitest'
import type { LabelMap } from '../../../src/model/images/label-map.ts'
import { matchObjects, objectF1 } from '../../../src/model/prediction/object-agreement.ts'

/** A digit a pixel; `.` is not labelled. */
function labelMap(...rows: string[]): LabelMap {
  const values = Uint8Array.from(rows.join(''), (digit) => (digit === '.' ? 255 : Number(digit)))
  return { width: rows[0]?.length ?? 0, height: rows.length, values }
}

test('objects are the same where they overlap by more than half of their union', () => {
  const labels = labelMap(
    '1100 0111 00', //
    '1100 0111 00',
    '0000 0000 01',
  )
  const predicted = labelMap(
    '1110 0011 00', // 4 of 5 pixels; 3 of 6, which is half and not more
    '1100 0001 00',
    '0200 0000 01',
  )
  const counts = matchObjects(strip(labels), strip(predicted), 1)
  expect(counts).toEqual({ truePositives: 2, falsePositives: 1, falseNegatives: 1 })
  expect(objectF1(counts)).toBeCloseTo(4 / 6)
  expect(matchObjects(strip(labels), strip(predicted), 2)).toEqual({
    truePositives: 0,
    falsePositives: 1,
    falseNegatives: 0,
  })
})

test('what is predicted where nobody labelled counts for nothing; without objects there is no score', () => {
  const labels = labelMap('00..', '00..')
  const predicted = labelMap('0011', '0011')
  const counts = matchObjects(labels, predicted, 1)
  expect(counts).toEqual({ truePositives: 0, falsePositives: 0, falseNegatives: 0 })
  expect(objectF1(counts)).toBeNaN()
})

/** Without the columns that only make the picture legible. */
function strip(map: LabelMap): LabelMap {
  const keep = Array.from({ length: map.width }, (_, x) => x).filter((x) => x !== 4 && x !== 9)
  const values = Uint8Array.from(
    Array.from({ length: map.height }, (_, y) =>
      keep.map((x) => map.values[y * map.width + x] as number),
    ).flat(),
  )
  return { width: keep.length, height: map.height, values }
}
