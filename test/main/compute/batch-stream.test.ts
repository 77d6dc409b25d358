import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Worker } from 'node:worker_threads'
import { encode } from 'fast-png'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { BatchStreamSpec } from '../../../src/main/compute/batch-messages.ts'
import { startBatchStream } from '../../../src/main/compute/batch-stream.ts'
import { openImage } from '../../../src/main/imaging/open-image.ts'
import { readLabelMap } from '../../../src/main/imaging/read-label-map.ts'
import { shrinkFactor, shrinkImage, shrinkLabels } from '../../../src/model/images/shrink.ts'
import { RandomGenerator } from '../../../src/model/random.ts'
import { createBatchMaker } from '../../../src/model/training/batch-source.ts'
import { digestBatch, fullAugmentation, planWith } from '../../model/training/fixtures.ts'
import { sharedFolder } from '../../shared.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

/** 16-bit images with strokes of three classes, as PNG. */
function writeImages(folder: string, count: number): BatchStreamSpec['images'] {
  const random = new RandomGenerator(count)
  return Array.from({ length: count }, (_, image) => {
    const [width, height] = [100 + 10 * image, 90]
    const data = Uint16Array.from({ length: width * height }, () => random.nextInteger(65536))
    const labels = new Uint8Array(width * height).fill(255)
    for (const label of [0, 1, 2]) labels.fill(label, 2000 * (label + 1), 2000 * (label + 1) + 150)
    const path = join(folder, `image${String(image)}.png`)
    const labelPath = join(folder, `labels${String(image)}.png`)
    writeFileSync(path, encode({ width, height, data, depth: 16, channels: 1 }))
    writeFileSync(labelPath, encode({ width, height, data: labels, depth: 8, channels: 1 }))
    return { path, labelPath }
  })
}

const plan = planWith({
  augmentation: fullAugmentation,
  normalisation: { channels: [{ low: 0, high: 65535 }], scope: 'data set' },
  steps: 8,
})

function start(spec: BatchStreamSpec, signal?: AbortSignal) {
  const stream = startBatchStream(spec, signal)
  onTestFinished(() => stream.close())
  return stream
}

/** The maker that the worker has, in this thread. */
async function makerInProcess({ images, labelValues, plan }: BatchStreamSpec) {
  const factor = shrinkFactor(plan.imageScale)
  const items = []
  for (const { path, labelPath } of images) {
    const image = shrinkImage(await openImage(path), factor)
    onTestFinished(() => image.close())
    const labels = shrinkLabels(await readLabelMap(labelPath, labelValues), factor)
    items.push({ image, labelPath, readLabels: () => Promise.resolve(labels) })
  }
  return createBatchMaker(items, plan)
}

describe('startBatchStream', () => {
  it('delivers the batches that the maker makes, in order, resumed, and past the last step', async () => {
    const spec: BatchStreamSpec = { images: writeImages(temporaryFolder(), 3), labelValues: 'classes', plan }
    const [stream, maker] = [start(spec), await makerInProcess(spec)]
    const expected = async (step: number) => digestBatch(await maker.make(step))
    for (const step of [0, 1, 2, 6, 7, 3, 3, 8]) {
      expect(digestBatch(await stream.next(step))).toEqual(await expected(step))
    }
    const together = await Promise.all([4, 5, 0].map((step) => stream.next(step)))
    expect(together.map(digestBatch)).toEqual([await expected(4), await expected(5), await expected(0)])
  })

  it.skipIf(sharedFolder === undefined)('does so with real images, at full and half size', async () => {
    const folder = join(sharedFolder ?? '', 'data/bitdepth_nuclei_16bit')
    const images = ['bone_20x_2', 'bone_40x_air_2', 'bone_63x_oil_3'].map((name) => ({
      path: join(folder, 'images', `${name}.tif`),
      labelPath: join(folder, 'masks', `${name}_binary.png`),
    }))
    for (const imageScale of [1, 0.5]) {
      const network = { ...plan.network, classes: 2 }
      const spec: BatchStreamSpec = {
        images,
        labelValues: 'binary',
        plan: { ...plan, network, imageScale, patchSize: 128, classSampling: [0, 0.5] },
      }
      const [stream, maker] = [start(spec), await makerInProcess(spec)]
      for (const step of [0, 1]) {
        const batch = await stream.next(step)
        expect(digestBatch(batch)).toEqual(digestBatch(await maker.make(step)))
        expect(batch.labels.includes(0)).toBe(true)
        expect(batch.labels.includes(1)).toBe(true)
      }
    }
  })

  it('says which file is missing, to each who asks', async () => {
    const folder = temporaryFolder()
    const images = writeImages(folder, 2)
    const missing = join(folder, 'labels1.png')
    rmSync(missing)
    const stream = start({ images, labelValues: 'classes', plan })
    await expect(stream.next(0)).rejects.toMatchObject({ name: 'SegscopeError', file: missing })
    await expect(stream.next(1)).rejects.toMatchObject({ name: 'SegscopeError', file: missing })
  })

  it('reports the death of the thread, at once and later', async () => {
    const started = once(process, 'worker')
    const stream = start({ images: writeImages(temporaryFolder(), 1), labelValues: 'classes', plan })
    const waiting = stream.next(0)
    const [worker] = (await started) as [Worker]
    void worker.terminate()
    await expect(waiting).rejects.toMatchObject({ code: 'batch-worker-died' })
    await expect(stream.next(1)).rejects.toMatchObject({ code: 'batch-worker-died' })
  })

  it('stops when cancelled or closed, and closes its thread', async () => {
    const images = writeImages(temporaryFolder(), 1)
    const controller = new AbortController()
    const stream = start({ images, labelValues: 'classes', plan }, controller.signal)
    const waiting = stream.next(0)
    controller.abort()
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' })
    await expect(stream.next(1)).rejects.toMatchObject({ code: 'cancelled' })

    const other = start({ images, labelValues: 'classes', plan })
    await other.next(0)
    await other.close()
    await expect(other.next(1)).rejects.toMatchObject({ code: 'batch-stream-closed' })
    await other.close()
  })
})
