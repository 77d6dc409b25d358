import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openImage } from '../../../src/main/imaging/open-image.ts'
import type { Raster } from '../../../src/model/images/image-source.ts'
import type { LabelMap } from '../../../src/model/images/label-map.ts'
import { measurePlane } from '../../../src/model/prediction/measure-plane.ts'
import { measureObjects } from '../../../src/model/prediction/measurements.ts'
import { matchObjects, objectF1 } from '../../../src/model/prediction/object-agreement.ts'
import { type ObjectRow, ObjectRows } from '../../../src/model/prediction/object-rows.ts'
import { findObjects } from '../../../src/model/prediction/objects.ts'
import { RandomGenerator } from '../../../src/model/random.ts'
import { sharedFolder } from '../../shared.ts'

const WAIST = 0.75

/** Discs of two classes, some of which overlap: the later one is seen. */
function discs(width: number, height: number, count: number): LabelMap {
  const random = new RandomGenerator(3)
  const values = new Uint8Array(width * height)
  for (let disc = 0; disc < count; disc++) {
    const [x, y, radius] = [width * random.next(), height * random.next(), 3 + 9 * random.next()]
    for (let at = 0; at < values.length; at++) {
      if (Math.hypot((at % width) - x, Math.floor(at / width) - y) < radius) values[at] = 1 + (disc % 2)
    }
  }
  return { width, height, values }
}

function noise({ width, height }: LabelMap): Raster {
  const samples = Uint16Array.from({ length: width * height }, (_, at) => (at * 7919) % 4096)
  return { channels: 1, width, height, samples }
}

/** All numbers of a measurement. */
function flat(value: unknown): number[] {
  if (typeof value === 'number') return [Number.isNaN(value) ? -1 : value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(flat) : []
}

test('objects of one class are split, of another not; each part measures as if it lay there alone', () => {
  const labels = discs(160, 120, 50)
  const [one, two] = [findObjects(labels, 1), findObjects(labels, 1, WAIST)]
  expect(two.count).toBeGreaterThan(one.count)
  const measured = measureObjects(labels, noise(labels), new Map([[1, WAIST]]))
  expect(measured.filter(({ classValue }) => classValue === 2)).toEqual(
    measureObjects(labels, noise(labels)).filter(({ classValue }) => classValue === 2),
  )
  const parts = measured.filter(({ classValue }) => classValue === 1)
  expect(parts).toHaveLength(two.count)
  parts.forEach((part, index) => {
    const alone = {
      ...labels,
      values: Uint8Array.from(two.instances, (number) => (number === index + 1 ? 1 : 0)),
    }
    const [expected, ...others] = measureObjects(alone, noise(labels))
    expect(others).toEqual([])
    expect(flat({ ...part, splitFrom: undefined })).toEqual(
      flat(expected).map((value) => expect.closeTo(value, 6) as number),
    )
  })
})

test('a plane that is read by bands gives the same; the sides where parts touch lie between two of them', async () => {
  const labels = discs(120, 600, 130)
  const image = noise(labels)
  const band = (y: number, rows: number) => [y * labels.width, (y + rows) * labels.width] as const
  const found = await measurePlane(
    {
      ...labels,
      readLabels: (y, rows) => Promise.resolve(labels.values.slice(...band(y, rows))),
      readImage: (y, rows) =>
        Promise.resolve({ ...image, height: rows, samples: image.samples.slice(...band(y, rows)) }),
    },
    new Map([[1, WAIST]]),
  )
  expect(found.objects).toEqual(measureObjects(labels, image, new Map([[1, WAIST]])))
  expect(found.tooLarge).toBe(0)
  const { instances } = findObjects(labels, 1, WAIST)
  const sides = new Set<string>()
  instances.forEach((number, at) => {
    const [x, y] = [at % labels.width, Math.floor(at / labels.width)]
    const differs = (other: number | undefined): boolean => number !== 0 && other !== 0 && other !== number
    if (x > 0 && differs(instances[at - 1])) sides.add(`${x} ${y} 0`)
    if (y > 0 && differs(instances[at - labels.width])) sides.add(`${x} ${y} 1`)
  })
  const told = Array.from({ length: found.splitLines.length / 3 }, (_, side) =>
    found.splitLines.slice(3 * side, 3 * side + 3).join(' '),
  )
  expect(told.length).toBe(sides.size)
  expect(new Set(told)).toEqual(sides)
})

test('rows wait no longer than they may: an object that is too tall stays whole, and is counted', () => {
  const labels = discs(120, 400, 60)
  for (let y = 0; y < 400; y++) labels.values[y * 120 + 60] = 1
  const rows = new ObjectRows(120, new Map([[1, WAIST]]), { mostWaiting: 120 * 50 })
  const done: ObjectRow[] = []
  for (let y = 0; y < 400; y++) {
    done.push(...rows.addRow(labels.values.subarray(y * 120, (y + 1) * 120)))
    expect(y + 1 - done.length).toBeLessThanOrEqual(50)
  }
  done.push(...rows.finish())
  expect(done.map(({ y }) => y)).toEqual(Array.from({ length: 400 }, (_, y) => y))
  expect(rows.tooLarge).toBeGreaterThan(0)
  const line = new Set(done.map(({ numbers }) => rows.rootOf(numbers[60] as number)))
  expect(line.size).toBe(1)
})

const instanceMasks = [
  { folder: 'bitdepth_nuclei_16bit', suffix: '_labels.tif', waist: WAIST, gain: 0.15, split: 0.9 },
  { folder: 'usiigaci_phase_16bit', suffix: '_instances.png', waist: 0.5, gain: 0.08, split: 0.85 },
]

test.skipIf(sharedFolder === undefined).each(instanceMasks)(
  'of touching cells that people told apart, more are found when they are split: $folder',
  async ({ folder, suffix, waist, gain, split }) => {
    const masks = join(sharedFolder ?? '', 'data', folder, 'masks')
    const names = readdirSync(masks)
      .filter((name) => name.endsWith(suffix))
      .sort()
      .slice(0, 4)
    const score = async (by: number | undefined): Promise<number> => {
      const sum = { truePositives: 0, falsePositives: 0, falseNegatives: 0 }
      for (const name of names) {
        const source = await openImage(join(masks, name))
        const { width, height } = source.info
        const { samples } = await source.read({ x: 0, y: 0, width, height })
        await source.close()
        const map = { width, height, values: Uint8Array.from(samples, (number) => (number === 0 ? 0 : 1)) }
        const counts = matchObjects(map, map, 1, { waist: by, numbered: Int32Array.from(samples) })
        for (const key of ['truePositives', 'falsePositives', 'falseNegatives'] as const)
          sum[key] += counts[key]
      }
      return objectF1(sum)
    }
    const [before, after] = [await score(undefined), await score(waist)]
    expect(after - before).toBeGreaterThan(gain)
    expect(after).toBeGreaterThan(split)
  },
)
