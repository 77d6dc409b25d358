import { describe, expect, it } from 'vitest'
import { RandomGenerator } from '../../../src/model/random.ts'
import { type Batch, createBatchMaker } from '../../../src/model/training/batch-source.ts'
import { digestBatch, fullAugmentation, GreyImage, itemOf, planWith } from './fixtures.ts'

/** Strokes of three classes on noise. */
function noisyItems() {
  const random = new RandomGenerator(1)
  return [120, 90, 40].map((width) => {
    const samples = Float32Array.from({ length: width * 100 }, () => random.uniform(-1, 1))
    const values = new Uint8Array(width * 100).fill(255)
    for (const label of [0, 1, 2]) values.fill(label, 1000 + 700 * label, 1100 + 705 * label)
    return itemOf(new GreyImage(width, 100, samples, 'float32'), { width, height: 100, values })
  })
}

describe('createBatchMaker', () => {
  const plan = planWith({ augmentation: fullAugmentation })

  it('makes the batch of a step whatever was made before, and another for each step and seed', async () => {
    const maker = await createBatchMaker(noisyItems(), plan)
    const inOrder = [await maker.make(0), await maker.make(1), await maker.make(2)]
    const resumed = await createBatchMaker(noisyItems(), plan)
    expect([await resumed.make(2), await resumed.make(0)].map(digestBatch)).toEqual(
      [inOrder[2], inOrder[0]].map((batch) => digestBatch(batch as Batch)),
    )

    const otherSeed = await createBatchMaker(noisyItems(), { ...plan, seed: 8 })
    const batches = [...inOrder, await otherSeed.make(0)]
    expect(new Set(batches.map((batch) => batch.dropoutSeed)).size).toBe(4)
    expect(new Set(batches.map((batch) => digestBatch(batch).data)).size).toBe(4)
  })

  it('gives every patch labelled pixels and finite values', async () => {
    const maker = await createBatchMaker(noisyItems(), plan)
    for (let step = 0; step < 5; step++) {
      const { images, labels } = await maker.make(step)
      expect(images).toMatchObject({ batch: 8, channels: 1, height: 64, width: 64 })
      expect(images.data.every((value) => Number.isFinite(value))).toBe(true)
      for (let patch = 0; patch < 8; patch++) {
        const own = labels.subarray(patch * 64 * 64, (patch + 1) * 64 * 64)
        expect(own.some((label) => label !== 255)).toBe(true)
      }
    }
  })

  it('normalises by the plan, repeats grey and clips hot pixels', async () => {
    const samples = new Uint16Array(64 * 64).fill(1500)
    samples[5] = 65535
    const labels = { width: 64, height: 64, values: new Uint8Array(64 * 64).fill(1) }
    const range = { low: 1000, high: 3000 }
    const maker = await createBatchMaker(
      [itemOf(new GreyImage(64, 64, samples), labels)],
      planWith({
        batchSize: 1,
        network: { ...plan.network, inputChannels: 3 },
        normalisation: { channels: [range, range, range], scope: 'data set' },
      }),
    )
    const { images } = await maker.make(0)
    const expected = new Float32Array(64 * 64).fill(-0.5)
    expected[5] = 3
    expect(images.data).toEqual(new Float32Array([...expected, ...expected, ...expected]))
  })

  it("takes an image's own range where the plan says so: exposure no longer matters", async () => {
    const random = new RandomGenerator(4)
    const dim = Uint16Array.from({ length: 6400 }, () => random.nextInteger(1000))
    const labels = { width: 80, height: 80, values: new Uint8Array(6400).fill(1) }
    const ownRange = planWith({ normalisation: { channels: [{ low: 0, high: 1 }], scope: 'image' } })
    const [first, second] = (await Promise.all(
      [dim, dim.map((value) => 300 + 20 * value)].map(async (samples) => {
        const maker = await createBatchMaker([itemOf(new GreyImage(80, 80, samples), labels)], ownRange)
        return (await maker.make(0)).images.data
      }),
    )) as [Float32Array, Float32Array]
    expect(
      Math.max(...first.map((value, index) => Math.abs(value - (second[index] as number)))),
    ).toBeLessThan(1e-5)
    expect(Math.max(...first)).toBeCloseTo(1, 1)
  })

  it('refuses labels of another size, naming both', async () => {
    const labels = { width: 32, height: 64, values: new Uint8Array(2048) }
    const item = itemOf(new GreyImage(64, 64, new Uint16Array(4096)), labels)
    await expect(createBatchMaker([item], plan)).rejects.toMatchObject({
      code: 'label-size-mismatch',
      file: 'labels.png',
      message: 'The label map has 32x64 pixels, its image image.tif has 64x64.',
    })
  })
})
