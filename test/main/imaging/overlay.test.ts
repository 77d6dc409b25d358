import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openImage } from '../../../src/main/imaging/open-image.ts'
import { overlayClasses, writePng } from '../../../src/main/imaging/overlay.ts'
import { previewImage, previewLabels } from '../../../src/main/imaging/preview.ts'
import type { ImageSource, Samples } from '../../../src/model/images/image-source.ts'

/** An image whose samples are computed when they are read; remembers the most that was read at once. */
function computedImage(
  width: number,
  height: number,
  channels: number,
  sampleAt: (channel: number, x: number, y: number) => number,
): ImageSource & { largestRead: number } {
  const image = {
    path: 'computed.tif',
    info: {
      width,
      height,
      channels,
      pages: 1,
      sampleType: 'uint16' as const,
      bitsPerSample: 16,
      pixelSize: undefined,
      format: 'TIFF',
    },
    largestRead: 0,
    read: (region: { x: number; y: number; width: number; height: number }) => {
      const samples: Samples = new Uint16Array(channels * region.width * region.height)
      image.largestRead = Math.max(image.largestRead, samples.length)
      samples.forEach((_, at) => {
        const row = Math.floor(at / region.width) % region.height
        const channel = Math.floor(at / region.width / region.height)
        samples[at] = sampleAt(channel, region.x + (at % region.width), region.y + row)
      })
      return Promise.resolve({ samples, channels, width: region.width, height: region.height })
    },
    close: () => Promise.resolve(),
  }
  return image
}

test('12-bit values in 16 bits are seen in full contrast, whatever a hot pixel says', async () => {
  const image = computedImage(200, 100, 1, (_, x, y) => (x === 7 && y === 9 ? 65_535 : 300 + 4 * x))
  const { rgb } = await previewImage(image)
  const row = Array.from({ length: 200 }, (_, x) => rgb[3 * x] as number)
  expect(row[0]).toBe(0)
  expect(row[199]).toBe(255)
  expect(row[100]).toBeGreaterThan(118)
  expect(row[100]).toBeLessThan(138)
})

test('a large image is reduced to at most 2048 a side without being read whole, and its labels with it', async () => {
  const width = 6200
  const height = 4100
  const image = computedImage(width, height, 1, (_, x) => (x < width / 2 ? 100 : 200))
  const labels = computedImage(width, height, 1, (_, x) => (x < width / 2 ? 0 : 2))
  const preview = await previewImage(image)
  const reduced = await previewLabels(labels)
  expect([preview.width, preview.height]).toEqual([1550, 1025])
  expect([reduced.width, reduced.height]).toEqual([1550, 1025])
  expect(Math.max(image.largestRead, labels.largestRead)).toBeLessThan((width * height) / 100)
  for (const x of [0, 774, 775, 1549]) {
    expect([preview.rgb[3 * x], reduced.values[x]]).toEqual(x < 775 ? [0, 0] : [255, 2])
  }
})

test('classes are tinted and outlined; background and what nobody labelled stay as they are', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'segscope-overlay-'))
  try {
    const size = 5
    const grey = { width: size, height: size, rgb: new Uint8Array(3 * size * size).fill(100) }
    const values = Uint8Array.from('0000001110011100111000007', Number)
    values[0] = 255
    await writePng(join(folder, 'overlay.png'), overlayClasses(grey, { width: size, height: size, values }))
    const written = await openImage(join(folder, 'overlay.png'))
    const { samples } = await written.read({ x: 0, y: 0, width: size, height: size })
    await written.close()
    const pixel = (at: number) => [0, 1, 2].map((channel) => samples[channel * size * size + at])
    expect(pixel(0)).toEqual([100, 100, 100])
    expect(pixel(5)).toEqual([100, 100, 100])
    // #E69F00 whole at the outline, 35 % of it inside
    expect(pixel(6)).toEqual([230, 159, 0])
    expect(pixel(12)).toEqual([146, 121, 65])
    expect(pixel(24)).toEqual([0, 114, 178])
  } finally {
    await rm(folder, { recursive: true })
  }
})
