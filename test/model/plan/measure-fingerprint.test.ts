import { describe, expect, it } from 'vitest'
import { CancelledError } from '../../../src/model/errors.ts'
import { UNLABELLED } from '../../../src/model/images/label-map.ts'
import { measureFingerprint } from '../../../src/model/plan/measure-fingerprint.ts'
import { RandomGenerator } from '../../../src/model/random.ts'
import { brokenItem, dataSetItem, discs, labelMap, MemoryImage } from './memory-image.ts'

/** Uniform 100 ... 3,099 (12 bits) with hot pixels at 65,535, one in 40,000. */
function cameraNoise(seed: number): (x: number, y: number) => number {
  return (x, y) => {
    if ((x + 300 * y) % 40_000 === 5) return 65_535
    return 100 + new RandomGenerator(seed + y * 8191 + x).nextInteger(3000)
  }
}

describe('intensities', () => {
  it('are those of 12-bit data in 16-bit files, whatever the hot pixels', async () => {
    const { intensities, images } = await measureFingerprint([
      dataSetItem('a.tif', { width: 300, height: 400, valueAt: cameraNoise(1) }),
      dataSetItem('b.tif', { width: 300, height: 400, valueAt: cameraNoise(2) }),
    ])
    const [facts] = intensities
    expect(facts?.maximum).toBe(65_535)
    expect(facts?.usedBits).toBe(12)
    // Percentiles of a uniform distribution are known: 100 + 3,000 * share.
    expect(Math.abs((facts?.percentile005 ?? 0) - 115)).toBeLessThan(3)
    expect(Math.abs((facts?.median ?? 0) - 1600)).toBeLessThan(20)
    expect(Math.abs((facts?.percentile995 ?? 0) - 3085)).toBeLessThan(3)
    expect(facts?.medianSpread).toBeLessThan(0.02)
    expect(images.map((image) => image.unusedLowBits)).toEqual([0, 0])
  })

  it('show where values are shifted left', async () => {
    const noise = cameraNoise(1)
    const shifted = (x: number, y: number): number => Math.min(4095, noise(x, y)) << 4
    const { images } = await measureFingerprint([
      dataSetItem('a.tif', { width: 200, height: 200, valueAt: shifted }),
    ])
    expect(images[0]).toMatchObject({ usedBits: 16, unusedLowBits: 4 })
  })

  it('leave NaN and infinity of floating-point images out', async () => {
    const valueAt = (x: number): number => (x === 0 ? Number.NaN : x === 1 ? Infinity : x)
    const picture = { width: 100, height: 50, sampleType: 'float32' as const, valueAt }
    const { intensities } = await measureFingerprint([dataSetItem('a.tif', picture)])
    expect(intensities[0]).toMatchObject({ minimum: 2, maximum: 99, mean: 50.5, usedBits: 32 })
  })

  it('tell dim exposures from bright ones by the class, even on the same dark background', async () => {
    const labels = labelMap(200, 200, discs(12, 100))
    const exposed = (gain: number) => (x: number, y: number) =>
      100 + (x % 7) + (discs(12, 100)(x, y) === 1 ? gain : 0)
    const items = [500, 1000, 4000].map((gain) =>
      dataSetItem(`${gain}.tif`, { width: 200, height: 200, valueAt: exposed(gain) }, labels),
    )
    const [facts] = (await measureFingerprint(items)).intensities
    expect(facts?.medianSpread).toBeLessThan(0.01)
    expect(facts?.classSpread).toBeGreaterThan(0.5)
  })

  it('of a huge image come from regions spread all over it, few and small', async () => {
    const image = new MemoryImage('huge.tif', { width: 20_000, height: 20_000, valueAt: (x, y) => x + y })
    const item = {
      ...dataSetItem('huge.tif', { width: 1, height: 1, valueAt: () => 0 }),
      open: () => Promise.resolve(image),
    }
    const { intensities } = await measureFingerprint([item])
    expect(image.reads.reduce((sum, { width, height }) => sum + width * height, 0)).toBeLessThanOrEqual(
      200_704,
    )
    expect(image.closed).toBe(true)
    expect(Math.abs((intensities[0]?.mean ?? 0) - 20_000)).toBeLessThan(200)
  })
})

describe('channels', () => {
  const grey = { width: 40, height: 40, channels: 3, sampleType: 'uint8' as const, valueAt: (x: number) => x }
  const colour = { ...grey, valueAt: (x: number, _y: number, channel: number) => x + 50 * channel }

  it('are one where RGB files are grey, and three as soon as one is in colour', async () => {
    expect((await measureFingerprint([dataSetItem('grey.png', grey)])).channels).toBe(1)
    const mixed = await measureFingerprint([
      dataSetItem('grey.png', grey),
      dataSetItem('one-channel.png', { ...grey, channels: 1 }),
      dataSetItem('colour.png', colour),
    ])
    expect(mixed.channels).toBe(3)
    expect(mixed.images.map((image) => image.colour)).toEqual([false, false, true])
    // Blue: two images of 0 ... 39, one of 100 ... 139.
    expect(mixed.intensities[2]).toMatchObject({ minimum: 0, maximum: 139 })
  })
})

describe('classes', () => {
  const flat = { width: 300, height: 300, valueAt: (x: number) => x }

  it('have the size of their objects, not of specks or of what the edge cuts', async () => {
    const labels = labelMap(400, 300, (x, y) => {
      if (x >= 300) return x >= 310 ? 1 : 0
      return x % 10 === 5 && y % 10 === 5 ? 1 : discs(30, 75)(x, y)
    })
    const item = dataSetItem('a.tif', { ...flat, width: 400 }, labels)
    const [background, objects] = (await measureFingerprint([item])).classes
    expect(Math.abs((objects?.objectDiameter ?? 0) - 30 * Math.sqrt(Math.PI / 4))).toBeLessThan(0.5)
    expect(Math.abs((objects?.objectThickness ?? 0) - 30)).toBeLessThan(2.5)
    expect((background?.pixels ?? 0) + (objects?.pixels ?? 0)).toBe(120_000)
  })

  it('tell lines by their thickness', async () => {
    const rings = labelMap(300, 300, (x, y) => {
      const radius = Math.hypot((x % 75) - 37, (y % 75) - 37)
      return radius < 20 ? 1 : radius < 21.5 ? 2 : 0
    })
    const [, interior, outline] = (await measureFingerprint([dataSetItem('a.tif', flat, rings)])).classes
    expect(interior?.objectThickness).toBeGreaterThan(35)
    expect(outline?.objectThickness).toBeLessThan(3)
  })

  it('find the objects of a label map too large to be measured whole', async () => {
    const labels = labelMap(4500, 2500, (x, y) => (x > 3200 && y > 1100 ? discs(30, 75)(x, y) : 0))
    const picture = { width: 4500, height: 2500, valueAt: (x: number) => x }
    const [, objects] = (await measureFingerprint([dataSetItem('a.tif', picture, labels)])).classes
    expect(Math.abs((objects?.objectDiameter ?? 0) - 30 * Math.sqrt(Math.PI / 4))).toBeLessThan(0.5)
  })

  it('have no size where labels are strokes', async () => {
    const strokes = labelMap(300, 300, (x, y) => (y > 20 && y < 26 ? (x < 150 ? 0 : 1) : UNLABELLED))
    const { classes, images } = await measureFingerprint([dataSetItem('a.tif', flat, strokes)], {
      classNames: ['medium', 'yeast', 'debris'],
    })
    expect(images[0]).toMatchObject({ labelled: 1500, classPixels: [750, 750] })
    const size = { objectDiameter: undefined, objectThickness: undefined }
    expect(classes).toEqual([
      { value: 0, name: 'medium', pixels: 750, images: 1, ...size },
      { value: 1, name: 'yeast', pixels: 750, images: 1, ...size },
      { value: 2, name: 'debris', pixels: 0, images: 0, ...size },
    ])
  })
})

describe('a data set with faults', () => {
  it('is measured without the files that cannot be read, which are named', async () => {
    const flat = { width: 64, height: 64, valueAt: (x: number) => x }
    const progress: number[] = []
    const fingerprint = await measureFingerprint(
      [
        brokenItem('broken.tif'),
        dataSetItem(
          'good.tif',
          flat,
          labelMap(64, 64, (x) => x % 2),
        ),
        dataSetItem(
          'other-size.tif',
          flat,
          labelMap(32, 64, () => 1),
        ),
      ],
      { onProgress: (done) => progress.push(done) },
    )
    expect(fingerprint.unreadable).toEqual([
      { path: 'broken.tif', reason: 'broken.tif: The file ends in the middle of a strip.' },
    ])
    expect(fingerprint.images.map((image) => [image.path, image.labelled, image.labelSizeMismatch])).toEqual([
      ['good.tif', 4096, undefined],
      ['other-size.tif', 0, { width: 32, height: 64 }],
    ])
    expect(progress).toEqual([1, 2, 3])
  })

  it('stops when told to', async () => {
    const signal = AbortSignal.abort()
    const item = dataSetItem('a.tif', { width: 8, height: 8, valueAt: () => 0 })
    await expect(measureFingerprint([item], { signal })).rejects.toThrow(CancelledError)
  })
})
