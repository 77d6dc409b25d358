import { expect, test } from 'vitest'
import { measurePlane } from '../../../src/model/prediction/measure-plane.ts'
import { objectMasks } from '../../../src/model/prediction/object-masks.ts'
import { drawLabels, MemoryLabels } from '../../interop/memory-labels.ts'

test('objects are those that are measured, pixel for pixel, touching ones split', async () => {
  const labels = drawLabels(400, 700, 1, 5)
  const { width, height } = labels.info
  for (let chain = 0; chain < 9; chain++) {
    for (let disc = 0; disc <= chain % 4; disc++) {
      const [x, y] = [30 + (chain % 3) * 120 + disc * 15, 40 + Math.floor(chain / 3) * 230 + disc * 9]
      drawDisc(labels, { x, y, radius: 11, value: 1 + (chain % 3) })
    }
  }
  const splitting = new Map([
    [1, 0.9],
    [3, 0.75],
  ])
  const found = []
  let wrong = 0
  const owners = new Int32Array(width * height)
  for await (const { classValue, box, area, mask } of objectMasks(labels, 0, splitting)) {
    let first = 0
    let pixels = 0
    mask.forEach((inside, at) => {
      if (inside === 0) return
      const place = (box.y + Math.floor(at / box.width)) * width + box.x + (at % box.width)
      if (labels.values[place] !== classValue || owners[place] !== 0) wrong++
      owners[place] = found.length + 1
      if (pixels++ === 0) first = place
    })
    expect(pixels).toBe(area)
    found.push({ classValue, area, box, first: { x: first % width, y: Math.floor(first / width) } })
  }
  const measured = await measurePlane(
    {
      width,
      height,
      readLabels: (y, rows) => Promise.resolve(labels.values.subarray(y * width, (y + rows) * width)),
      readImage: (y, rows) => labels.read({ x: 0, y, width, height: rows }),
    },
    splitting,
  )
  expect(found).toEqual(
    measured.objects.map(({ classValue, area, boundingBox, first }) => ({
      classValue,
      area,
      box: boundingBox,
      first,
    })),
  )
  expect(wrong).toBe(0)
  let whole = 0
  for await (const _ of objectMasks(labels, 0)) whole++
  expect(found.length).toBeGreaterThan(whole + 4)
  expect(owners.filter((owner) => owner > 0).length).toBe(
    labels.values.filter((value) => value !== 0 && value !== 255).length,
  )
})

function drawDisc(
  { values, info: { width } }: MemoryLabels,
  { x, y, radius, value }: { x: number; y: number; radius: number; value: number },
): void {
  for (let row = y - radius; row <= y + radius; row++) {
    for (let column = x - radius; column <= x + radius; column++) {
      if (Math.hypot(column - x, row - y) <= radius) values[row * width + column] = value
    }
  }
}

test('an object whose outline would not fit into memory is refused by name before anything is written', async () => {
  const [width, height] = [9000, 8000]
  // A frame along the image's edges; no row but the first and last is long.
  const labels = new MemoryLabels(width, height, 1, new Uint8Array(0))
  labels.read = (region) => {
    const samples = new Uint8Array(region.width * region.height)
    for (let y = 0; y < region.height; y++) {
      const isEdge = region.y + y === 0 || region.y + y === height - 1
      samples.fill(isEdge ? 2 : 0, y * region.width, (y + 1) * region.width)
      samples[y * region.width] = 2
    }
    return Promise.resolve({ samples, channels: 1, width: region.width, height: region.height })
  }
  await expect(objectMasks(labels, 0).next()).rejects.toMatchObject({
    code: 'object-too-large',
    message: expect.stringContaining('9000 x 8000') as string,
    remedy: expect.stringContaining('OME-TIFF') as string,
  })
})
