import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type {
  ImageInfo,
  ImageSource,
  Raster,
  Region,
  Samples,
  SampleType,
} from '../../../src/model/images/image-source.ts'
import { buildPyramid } from '../../../src/main/imaging/pyramid/build-pyramid.ts'
import { halve } from '../../../src/main/imaging/pyramid/halve.ts'
import { ImageView } from '../../../src/main/imaging/pyramid/image-view.ts'
import { countLevels, levelSize, tileRegion } from '../../../src/main/imaging/pyramid/levels.ts'
import { PyramidFile } from '../../../src/main/imaging/pyramid/pyramid-file.ts'
import { createSamples, cropRaster } from '../../../src/main/imaging/regions.ts'
import { RandomGenerator } from '../../../src/model/random.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

/** An image in memory: what is tested here is what happens behind the readers. */
class MemoryImage implements ImageSource {
  readonly path = 'memory'
  readonly info: ImageInfo
  readonly plane: Raster

  constructor(sampleType: SampleType, { channels, width, height }: Omit<Raster, 'samples'>, format = 'TIFF') {
    this.info = {
      ...{ width, height, channels, sampleType, format },
      pages: 1,
      isReadWhole: format === 'PNG',
      bitsPerSample: 16,
      pixelSize: undefined,
    }
    const random = new RandomGenerator(width)
    const samples = createSamples(sampleType, channels * width * height)
    for (let at = 0; at < samples.length; at++) samples[at] = random.nextInteger(60_000)
    this.plane = { samples, channels, width, height }
  }

  read(region: Region): Promise<Raster> {
    return Promise.resolve(cropRaster(this.plane, region))
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

/** One pixel of the next level, by the definition. */
function meanAt({ samples, width, height }: Raster, channel: number, x: number, y: number): number {
  const values: number[] = []
  for (const row of [2 * y, 2 * y + 1]) {
    for (const column of [2 * x, 2 * x + 1]) {
      if (row < height && column < width) {
        values.push(samples[(channel * height + row) * width + column] as number)
      }
    }
  }
  const finite = values.filter(Number.isFinite)
  return finite.reduce((sum, value) => sum + value, 0) / finite.length
}

function independentLevels(plane: Raster, count: number): Raster[] {
  const levels = [plane]
  while (levels.length < count) {
    const before = levels.at(-1) as Raster
    const [width, height] = [Math.ceil(before.width / 2), Math.ceil(before.height / 2)]
    const isFloat = before.samples instanceof Float32Array
    const samples = createSamples(isFloat ? 'float32' : 'uint16', before.channels * width * height)
    for (let at = 0; at < samples.length; at++) {
      const [x, y] = [at % width, Math.floor(at / width) % height]
      const mean = meanAt(before, Math.floor(at / (width * height)), x, y)
      samples[at] = isFloat ? mean : Math.floor(mean + 0.5)
    }
    levels.push({ samples, channels: before.channels, width, height })
  }
  return levels
}

test('levels halve, rounded up, until one tile holds all', () => {
  expect(countLevels({ width: 1, height: 1 })).toBe(1)
  expect(countLevels({ width: 512, height: 512 })).toBe(1)
  expect(countLevels({ width: 513, height: 5 })).toBe(2)
  expect(countLevels({ width: 20_000, height: 20_000 })).toBe(7)
  expect(levelSize({ width: 20_000, height: 1025 }, 6)).toEqual({ width: 313, height: 17 })
  expect(tileRegion({ width: 1025, height: 600 }, { level: 0, column: 2, row: 1 })).toEqual({
    ...{ x: 1024, y: 512, width: 1, height: 88 },
  })
  expect(tileRegion({ width: 1025, height: 600 }, { level: 0, column: 3, row: 0 })).toBeUndefined()
  expect(tileRegion({ width: 1025, height: 600 }, { level: 3, column: 0, row: 0 })).toBeUndefined()
})

describe('halve', () => {
  test.each(['uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32'] as const)('%s', (type) => {
    const plane = { samples: createSamples(type, 30), channels: 2, width: 5, height: 3 }
    const random = new RandomGenerator(1)
    // The whole range of the type, by wrapping.
    for (let at = 0; at < 30; at++) plane.samples[at] = random.nextInteger(2 ** 32)
    const half = halve(plane)
    expect(half).toMatchObject({ channels: 2, width: 3, height: 2 })
    expect(half.samples.constructor).toBe(plane.samples.constructor)
    half.samples.forEach((value, at) => {
      expect(value).toBe(Math.floor(meanAt(plane, Math.floor(at / 6), at % 3, Math.floor(at / 3) % 2) + 0.5))
    })
  })

  test('leaves out what is not a number', () => {
    const samples = Float32Array.of(1, NaN, NaN, NaN, 3, Infinity, NaN, NaN, 5, 7, 0.5, NaN)
    expect(halve({ samples, channels: 1, width: 4, height: 3 }).samples).toEqual(
      Float32Array.of(2, NaN, 6, 0.5),
    )
  })
})

test.each([
  ['uint16', { channels: 2, width: 1537, height: 2051 }, 'TIFF'],
  ['float64', { channels: 1, width: 700, height: 1030 }, 'PNG'],
] as const)("a pyramid's file and the view of %s hold the independent means", async (type, shape, format) => {
  const image = new MemoryImage(type, shape, format)
  const file = join(temporaryFolder(), 'pyramid')
  await buildPyramid(image, 0, file, { signal: new AbortController().signal, onBand: () => undefined })
  const pyramid = (await PyramidFile.open(file)) as PyramidFile
  const view = new ImageView(image)
  const shown =
    type === 'float64' ? { ...image.plane, samples: Float32Array.from(image.plane.samples) } : image.plane
  const levels = independentLevels(shown, countLevels(image.info))
  let compared = 0
  for (const [level, raster] of levels.entries()) {
    const { width, height } = raster
    for (let row = 0; row * 512 < height; row++) {
      for (let column = 0; column * 512 < width; column++) {
        const region = tileRegion(image.info, { level, column, row }) as Region
        const { samples } = cropRaster(raster, region)
        for (let channel = 0; channel < shape.channels; channel++) {
          const size = region.width * region.height
          const expected: Samples = samples.slice(channel * size, (channel + 1) * size)
          const bytes = Buffer.from(expected.buffer)
          const place = { page: 0, channel, level, column, row }
          const kept = await pyramid.readTile(place)
          if (level >= pyramid.facts.firstLevel) expect(bytes.equals(kept as Uint8Array)).toBe(true)
          else expect(kept).toBeUndefined()
          expect(bytes.equals((await view.tile(place)).bytes)).toBe(true)
          compared++
        }
      }
    }
  }
  await pyramid.close()
  expect(compared).toBe(type === 'uint16' ? 58 : 9)
  expect(pyramid.facts.firstLevel).toBe(format === 'PNG' ? 0 : 1)
  expect(pyramid.facts.statistics).toHaveLength(shape.channels)
})

test('a build that is cancelled leaves nothing', async () => {
  const folder = temporaryFolder()
  const image = new MemoryImage('uint8', { channels: 1, width: 600, height: 1200 })
  const stopping = new AbortController()
  const building = buildPyramid(image, 0, join(folder, 'pyramid'), {
    signal: stopping.signal,
    onBand: () => stopping.abort(),
  })
  await expect(building).rejects.toThrow()
  expect(await PyramidFile.open(join(folder, 'pyramid'))).toBeUndefined()
})
