import sharp from 'sharp'
import { expect, test } from 'vitest'
import { encodeClasses } from '../../../src/main/imaging/class-picture.ts'
import { MemoryLabelSource } from '../../../src/main/imaging/label-readers/memory-label-source.ts'

const colours = ['#000000', '#ff0000', '#0000ff']

/** The picture's pixels, `[red, green, blue, alpha]` each. */
async function paint(
  width: number,
  height: number,
  classOf: (x: number, y: number) => number,
): Promise<{ width: number; height: number; at: (x: number, y: number) => number[] }> {
  const values = Uint32Array.from({ length: width * height }, (_, at) =>
    classOf(at % width, Math.floor(at / width)),
  )
  const webp = await encodeClasses(
    new MemoryLabelSource('result.tif', 'TIFF', width, height, [values]),
    colours,
  )
  const { data, info } = await sharp(webp).ensureAlpha().raw().toBuffer({ resolveWithObject: true })
  const at = (x: number, y: number): number[] => [
    ...data.subarray(4 * (y * info.width + x), 4 * (y * info.width + x) + 4),
  ]
  return { width: info.width, height: info.height, at }
}

test('a result is filled in its colours, with solid outlines, and clear where nothing was found', async () => {
  const picture = await paint(64, 40, (x, y) => {
    if (x >= 8 && x < 24 && y >= 8 && y < 24) return 1
    return x >= 40 && y >= 8 && y < 24 ? 2 : y === 39 ? 255 : 0
  })
  expect([picture.width, picture.height]).toEqual([64, 40])
  const [red, , blue, alpha] = picture.at(15, 15)
  expect([Number(red) > 200, Number(blue) < 60, Math.round((Number(alpha) / 255) * 20) / 20]).toEqual([
    true,
    true,
    0.35,
  ])
  expect(picture.at(8, 15)[3]).toBe(255)
  expect(picture.at(50, 15)[2]).toBeGreaterThan(200)
  // Its right side is the image's, not another class's.
  expect(picture.at(63, 15)[3]).toBeLessThan(120)
  expect(picture.at(32, 32)[3]).toBe(0)
  expect(picture.at(32, 39)[3]).toBe(0)
})

test('a large result fits the thumbnail, and its smallest objects still show', async () => {
  const picture = await paint(3000, 1500, (x, y) => (Math.abs(x - 1500) < 4 && Math.abs(y - 750) < 4 ? 1 : 0))
  expect([picture.width, picture.height]).toEqual([256, 128])
  expect(picture.at(128, 64)[3]).toBeGreaterThan(60)
  expect(picture.at(100, 64)[3]).toBe(0)
})
