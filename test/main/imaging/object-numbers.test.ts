import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encode } from 'fast-png'
import { describe, expect, test } from 'vitest'
import { readLabelImage } from '../../../src/main/imaging/read-label-map.ts'
import { openImage } from '../../../src/main/imaging/open-image.ts'
import { readObjectNumbers } from '../../../src/main/imaging/read-object-numbers.ts'
import { compareObjects, objectF1, ObjectTally } from '../../../src/model/prediction/object-agreement.ts'
import { sharedFolder } from '../../shared.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const image = { path: '/data/cells.tif', width: 8, height: 3, pages: 1 }

/** A PNG, a digit a pixel. */
function writeDigits(path: string, ...rows: string[]): string {
  const width = rows[0]?.length ?? 0
  const data = Uint8Array.from(rows.join(''), Number)
  writeFileSync(path, encode({ width, height: rows.length, data, depth: 8, channels: 1 }))
  return path
}

/** The numbers, a digit a pixel; undefined where objects have none. */
async function digits(
  path: string,
  labelValues: 'binary' | 'classes' = 'binary',
): Promise<string | undefined> {
  return (await readObjectNumbers({ path, image }, 0, labelValues))?.join('')
}

describe('objects that touch keep their numbers', () => {
  const rows = ['11220000', '11220030', '00000030'] as const
  const joined = rows.join('')

  test('in label maps of foreground, unless one value marks them all', async () => {
    const folder = temporaryFolder()
    const map = writeDigits(join(folder, 'numbers.png'), ...rows)
    expect(await digits(map)).toBe(joined)
    expect(await digits(map, 'classes')).toBeUndefined()
    const mask = writeDigits(join(folder, 'mask.png'), ...rows.map((row) => row.replace(/[23]/g, '1')))
    expect(await digits(mask)).toBeUndefined()
    await expect(digits(writeDigits(join(folder, 'small.png'), '12'))).rejects.toMatchObject({
      code: 'label-size-differs',
    })
  })

  test('in a folder of masks, and in shapes of any class', async () => {
    const folder = join(temporaryFolder(), 'cells')
    mkdirSync(folder)
    for (const number of ['1', '2', '3']) {
      const mask = rows.map((row) => row.replace(/\d/g, (digit) => (digit === number ? '1' : '0')))
      writeDigits(join(folder, `${number}.png`), ...mask)
    }
    expect(await digits(folder)).toBe(joined)
    const boxes = [
      [0, 0, 2, 2],
      [2, 0, 4, 2],
      [6, 1, 7, 3],
    ] as const
    const corners = boxes.map(([left, top, right, bottom]) => [
      [left, top],
      [right, top],
      [right, bottom],
      [left, bottom],
    ])
    const geojson = join(folder, 'cells.geojson')
    const features = corners.map((ring) => ({
      type: 'Feature',
      geometry: { type: 'Polygon', coordinates: [[...ring, ring[0]]] },
      properties: { classification: { name: 'cell' } },
    }))
    writeFileSync(geojson, JSON.stringify({ type: 'FeatureCollection', features }))
    expect(await digits(geojson, 'classes')).toBe(joined)
    const coco = join(folder, 'cells.json')
    writeFileSync(
      coco,
      JSON.stringify({
        images: [{ id: 1, file_name: 'cells.tif', width: 8, height: 3 }],
        annotations: corners.map((ring) => ({
          image_id: 1,
          category_id: 4,
          segmentation: [ring.flat()],
        })),
        categories: [{ id: 4, name: 'cell' }],
      }),
    )
    expect(await digits(coco, 'classes')).toBe(joined)
  })
})

test('two touching objects, found as one, are one right and one missed at most', () => {
  const size = { width: 8, height: 3 }
  const truth = { ...size, values: Uint8Array.from('111110001111100000000000', Number) }
  const found = { ...size, values: Uint8Array.from('111110001111100000000011', Number) }
  const numbered = Int32Array.from('111220001112200000000000', Number)
  const comparison = { classes: 2, splitting: new Map<number, number>() }
  // By its number the object on the left has 6 of the 10 pixels that were found together, the one on the right 4.
  expect(compareObjects(truth, found, { ...comparison, numbered })).toEqual([
    { truePositives: 1, falsePositives: 1, falseNegatives: 1 },
  ])
  expect(compareObjects(truth, found, comparison)).toEqual([
    { truePositives: 1, falsePositives: 1, falseNegatives: 0 },
  ])
})

describe.skipIf(sharedFolder === undefined)('on masks that people drew nucleus by nucleus', () => {
  test.each([
    ['label maps', 'bitdepth_nuclei_16bit', (name: string) => name.replace('.tif', '_labels.tif'), 5],
    ['folders of masks', 'dsb2018_fixed', (name: string) => name.replace('.png', ''), 5],
  ])('%s: F1 is that of a plain count', async (_, set, labelsOf, files) => {
    const folder = join(sharedFolder as string, 'data', set)
    const names = readdirSync(join(folder, 'images'))
      .filter((name) => /\.(tif|png)$/.test(name))
      .slice(0, files)
    const tally = new ObjectTally(2)
    let [right, found, there] = [0, 0, 0]
    for (const name of names) {
      const path = join(folder, 'images', name)
      const source = await openImage(path)
      const { width, height } = source.info
      await source.close()
      const place = { path, width, height, pages: 1 }
      const labels = join(folder, 'masks', labelsOf(name))
      const numbered = (await readObjectNumbers({ path: labels, image: place }, 0, 'binary')) as Int32Array
      const values = Uint8Array.from(numbered, (number) => (number === 0 ? 0 : 1))
      // As a network would: what touches is joined, and every seventh nucleus is missed.
      const predicted = Uint8Array.from(numbered, (number, at) =>
        number % 7 !== 3 && (number > 0 || (numbered[at + 1] ?? 0) > 0) ? 1 : 0,
      )
      const size = { width, height }
      const counts = compareObjects(
        { ...size, values },
        { ...size, values: predicted },
        {
          ...{ classes: 2, splitting: new Map<number, number>(), numbered },
        },
      )
      tally.add(counts, true)
      const plain = countPlainly(numbered, fill(predicted, width, height))
      right += plain.right
      found += plain.found
      there += plain.there
    }
    expect(tally.counts[1]).toEqual({
      truePositives: right,
      falsePositives: found - right,
      falseNegatives: there - right,
    })
    expect(tally.f1()[1]).toBeCloseTo((2 * right) / (found + there), 12)
    expect(objectF1(tally.counts[1] as never)).toBeGreaterThan(0.5)
    expect([tally.images, tally.numbered]).toEqual([names.length, names.length])
  })

  test('label maps hold as many objects as their list of numbers', async () => {
    const folder = join(sharedFolder as string, 'data', 'bitdepth_nuclei_16bit', 'masks')
    const name = readdirSync(folder).find((each) => each.endsWith('_labels.tif')) as string
    const { width, height, values } = await readLabelImage(join(folder, name))
    const numbers = await readObjectNumbers(
      { path: join(folder, name), image: { ...image, width, height } },
      0,
      'binary',
    )
    expect(new Set(numbers).size).toBe(new Set(values).size)
  })
})

/** Sets of pixels, compared each with each: the definition, with none of the shortcuts. */
function countPlainly(
  truth: Int32Array,
  prediction: Int32Array,
): { right: number; found: number; there: number } {
  const [one, other] = [setsOf(truth), setsOf(prediction)]
  let right = 0
  for (const pixels of one) {
    for (const others of other) {
      const common = [...pixels].filter((pixel) => others.has(pixel)).length
      if (common / (pixels.size + others.size - common) > 0.5) right++
    }
  }
  return { right, found: other.length, there: one.length }
}

function setsOf(numbers: Int32Array): Set<number>[] {
  const sets = new Map<number, Set<number>>()
  numbers.forEach((number, at) => {
    if (number === 0) return
    if (!sets.has(number)) sets.set(number, new Set())
    sets.get(number)?.add(at)
  })
  return [...sets.values()]
}

/** Numbers 8-connected areas by flooding them. */
function fill(mask: Uint8Array, width: number, height: number): Int32Array {
  const numbers = new Int32Array(mask.length)
  let latest = 0
  mask.forEach((value, start) => {
    if (value === 0 || numbers[start] !== 0) return
    numbers[start] = ++latest
    const waiting = [start]
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      for (let y = Math.floor(at / width) - 1; y <= Math.floor(at / width) + 1; y++) {
        for (let x = (at % width) - 1; x <= (at % width) + 1; x++) {
          const next = y * width + x
          if (x < 0 || y < 0 || x >= width || y >= height || mask[next] === 0 || numbers[next] !== 0) continue
          numbers[next] = latest
          waiting.push(next)
        }
      }
    }
  })
  return numbers
}
