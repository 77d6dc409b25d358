import { expect, test } from 'vitest'
import type { LabelMap } from '../../../src/model/images/label-map.ts'
import { findObjects } from '../../../src/model/prediction/objects.ts'
import { RandomGenerator } from '../../../src/model/random.ts'

/** Floods from each pixel not yet reached, in reading order. */
function flood(
  { width, height, values }: LabelMap,
  classValue: number,
): { instances: number[]; count: number } {
  const instances = Array.from(values, () => 0)
  let count = 0
  values.forEach((value, start) => {
    if (value !== classValue || instances[start] !== 0) return
    instances[start] = ++count
    const waiting = [start]
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      for (const dy of [-1, 0, 1]) {
        for (const dx of [-1, 0, 1]) {
          const x = (at % width) + dx
          const y = Math.floor(at / width) + dy
          const near = y * width + x
          if (x < 0 || y < 0 || x >= width || y >= height) continue
          if (values[near] !== classValue || instances[near] !== 0) continue
          instances[near] = count
          waiting.push(near)
        }
      }
    }
  })
  return { instances, count }
}

test('objects are those that flooding finds, in maps from sparse to dense', () => {
  const random = new RandomGenerator(5)
  for (let map = 0; map < 200; map++) {
    const width = 1 + random.nextInteger(40)
    const height = 1 + random.nextInteger(40)
    const density = random.next()
    const values = Uint8Array.from({ length: width * height }, () =>
      random.next() < density ? 1 + random.nextInteger(2) : 0,
    )
    const labels = { width, height, values }
    const found = findObjects(labels, 1)
    expect({ ...found, instances: [...found.instances] }).toEqual(flood(labels, 1))
  }
})

test('a comb of 2,001 columns, whose teeth join only in the last row, is one object', () => {
  const width = 2001
  const height = 40
  const values = Uint8Array.from({ length: width * height }, (_, at) =>
    at >= width * (height - 1) || (at % width) % 2 === 0 ? 1 : 0,
  )
  const found = findObjects({ width, height, values }, 1)
  expect(found.count).toBe(1)
  expect(found.instances).toEqual(Int32Array.from(values))
})
