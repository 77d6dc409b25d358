import { describe, expect, test } from 'vitest'
import { CancelledError } from '../../../src/model/errors.ts'
import type { ImageSource } from '../../../src/model/images/image-source.ts'
import {
  chooseTiling,
  predictImage,
  prepareImage,
  type PredictionOptions,
  type PredictionSettings,
} from '../../../src/model/prediction/predict-image.ts'
import { BoxNetwork } from './box-network.ts'
import { memoryImage, noiseImage } from './memory-image.ts'

const normalisation: PredictionSettings['normalisation'] = {
  channels: [{ low: 0, high: 65535 }],
  scope: 'data set',
}
const labelsOnly: PredictionOptions = { flips: false, probabilities: false }
const withProbabilities: PredictionOptions = { flips: false, probabilities: true }

function settings(network: BoxNetwork, changes: Partial<PredictionSettings> = {}): PredictionSettings {
  return { network: network.facts, normalisation, imageScale: 1, tiling: chooseTiling(2 ** 30), ...changes }
}

/** All bands put together; checks that they come in order and without gaps. */
async function predict(
  network: BoxNetwork,
  image: ImageSource,
  predictionSettings: PredictionSettings,
  options: PredictionOptions = withProbabilities,
): Promise<{ labels: Uint8Array; probabilities: Float32Array[]; bands: number }> {
  const { width, height } = image.info
  const labels = new Uint8Array(width * height)
  const probabilities = Array.from({ length: 3 }, () => new Float32Array(width * height))
  let y = 0
  let bands = 0
  for await (const band of predictImage(network, await prepareImage(image, 0, predictionSettings), options)) {
    expect(band.y).toBe(y)
    expect(band.labels.length).toBe(band.height * width)
    labels.set(band.labels, y * width)
    band.probabilities?.forEach((plane, index) => probabilities[index]?.set(plane, y * width))
    y += band.height
    bands++
  }
  expect(y).toBe(height)
  return { labels, probabilities, bands }
}

function largestDifference(left: Float32Array[], right: Float32Array[]): number {
  let largest = 0
  left.forEach((plane, index) => {
    const other = right[index] as Float32Array
    plane.forEach((value, pixel) => (largest = Math.max(largest, Math.abs(value - (other[pixel] as number)))))
  })
  return largest
}

describe('predictImage', () => {
  test('gives the same from tiles as from the whole image, to the very borders', async () => {
    const image = noiseImage(611, 477)
    const whole = await predict(new BoxNetwork(30), image, settings(new BoxNetwork(30)))
    const network = new BoxNetwork(30)
    const tiling = { wholePixels: 224 * 224, tilePixels: 224 * 224, margin: 32, blend: 32 }
    const tiled = await predict(network, image, settings(network, { tiling }))
    expect(network.sizes.length).toBeGreaterThan(8)
    expect(new Set(network.sizes).size).toBe(1)
    expect(tiled.bands).toBeGreaterThan(2)
    expect(largestDifference(tiled.probabilities, whole.probabilities)).toBeLessThan(1e-5)
    const labels = await predict(network, image, settings(network, { tiling }), labelsOnly)
    expect(labels.labels).toEqual(tiled.labels)

    // A margin smaller than the network's reach must show: otherwise the comparison proves nothing.
    const narrow = settings(network, {
      tiling: { wholePixels: 224 * 224, tilePixels: 224 * 224, margin: 8, blend: 32 },
    })
    expect(
      largestDifference((await predict(network, image, narrow)).probabilities, whole.probabilities),
    ).toBeGreaterThan(1e-2)
  })

  test('reads each row of the file once, apart from those mirrored at the end', async () => {
    const image = noiseImage(611, 477)
    const network = new BoxNetwork(3)
    await predict(
      network,
      image,
      settings(network, { tiling: { wholePixels: 224 * 224, tilePixels: 224 * 224, margin: 32, blend: 32 } }),
    )
    expect(image.rowsRead).toBe(477)
  })

  test.each([
    [1, 1],
    [5, 3],
    [33, 64],
    [100, 31],
  ])('handles an image of %i x %i pixels', async (width, height) => {
    const network = new BoxNetwork(2)
    const { probabilities } = await predict(network, noiseImage(width, height), settings(network))
    expect(network.sizes).toEqual([`${Math.ceil(height / 32) * 32} x ${Math.ceil(width / 32) * 32}`])
    const sum = probabilities.reduce((total, plane) => total + (plane[width * height - 1] as number), 0)
    expect(sum).toBeCloseTo(1, 5)
  })

  test('pads by mirroring, so that a ramp goes on and no edge appears', async () => {
    const width = 40
    const ramp = Float32Array.from({ length: width * 8 }, (_, index) => index % width)
    const network = new BoxNetwork(1)
    const seen: Float32Array[] = []
    const run = network.run.bind(network)
    network.run = (images) => {
      seen.push(images.data.slice())
      return run(images)
    }
    const range = { channels: [{ low: 0, high: 63 }], scope: 'data set' as const }
    await predict(
      network,
      memoryImage(ramp, { width, height: 8 }),
      settings(network, { normalisation: range }),
    )
    const row = Array.from(seen[0]?.subarray(0, 64) ?? [], (value) => Math.round((value + 1) * 31.5))
    expect(row.slice(36, 46)).toEqual([36, 37, 38, 39, 38, 37, 36, 35, 34, 33])
  })

  test('averages over mirror images: a mirrored image gives the mirrored result', async () => {
    const image = noiseImage(96, 64)
    const mirrored = noiseImage(96, 64)
    const original = await image.read({ x: 0, y: 0, width: 96, height: 64 })
    const flipped = Uint16Array.from(original.samples, (_, index) => {
      const x = index % 96
      return original.samples[index - x + 95 - x] as number
    })
    Object.assign(mirrored, memoryImage(flipped, { width: 96, height: 64 }))
    const network = new BoxNetwork(2)
    const flips = { flips: true, probabilities: true }
    const left = await predict(network, image, settings(network), flips)
    expect(network.sizes).toHaveLength(4)
    const right = await predict(network, mirrored, settings(network), flips)
    const back = right.probabilities.map((plane) =>
      plane.map((_, index) => plane[index - (index % 96) + 95 - (index % 96)] as number),
    )
    expect(largestDifference(left.probabilities, back)).toBeLessThan(1e-6)
    // The network itself is not symmetric.
    const once = await predict(network, image, settings(network))
    expect(largestDifference(left.probabilities, once.probabilities)).toBeGreaterThan(1e-2)
  })

  test('shrinks for the network and brings the result back to the size of the file', async () => {
    const width = 301
    const height = 203
    const disc = Uint16Array.from({ length: width * height }, (_, index) =>
      Math.hypot((index % width) - 150, Math.floor(index / width) - 100) < 60 ? 60_000 : 4_000,
    )
    const network = new BoxNetwork(1)
    const { labels } = await predict(
      network,
      memoryImage(disc, { width, height }),
      settings(network, { imageScale: 0.25 }),
      labelsOnly,
    )
    expect(network.sizes).toEqual(['64 x 96'])
    const inside = (x: number, y: number): number => labels[y * width + x] as number
    expect([inside(150, 100), inside(100, 100), inside(200, 100), inside(150, 50)]).toEqual([0, 0, 0, 0])
    expect([inside(80, 100), inside(150, 170), inside(0, 0), inside(300, 202)]).toEqual([1, 1, 1, 1])
  })

  test('takes grey images for a colour network', async () => {
    const network = new BoxNetwork(1, 3)
    const range = { low: 0, high: 65535 }
    const colour = settings(network, {
      normalisation: { channels: [range, range, range], scope: 'data set' },
    })
    await predict(network, noiseImage(64, 64), colour)
    await expect(prepareImage(noiseImage(64, 64, 2), 0, colour)).rejects.toMatchObject({
      code: 'channels-mismatch',
    })
  })

  test('is cancelled between tiles', async () => {
    const network = new BoxNetwork(1)
    const controller = new AbortController()
    const options = {
      ...labelsOnly,
      signal: controller.signal,
      onProgress: (fraction: number) => {
        if (fraction > 0.3) controller.abort()
      },
    }
    const tiled = settings(network, {
      tiling: { wholePixels: 224 * 224, tilePixels: 224 * 224, margin: 32, blend: 32 },
    })
    await expect(predict(network, noiseImage(611, 477), tiled, options)).rejects.toThrow(CancelledError)
    expect(network.sizes.length).toBeLessThan(9)
  })

  test('reports a file that fails below the first rows', async () => {
    const image = noiseImage(611, 477)
    const read = image.read.bind(image)
    image.read = (region, page) =>
      region.y > 300 ? Promise.reject(new Error('cut off')) : read(region, page)
    const network = new BoxNetwork(1)
    const tiled = settings(network, {
      tiling: { wholePixels: 224 * 224, tilePixels: 224 * 224, margin: 32, blend: 32 },
    })
    await expect(predict(network, image, tiled)).rejects.toThrow('cut off')
  })
})
