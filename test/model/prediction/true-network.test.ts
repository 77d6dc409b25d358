import { expect, test } from 'vitest'
import { onnxRuntimeEngine } from '../../../src/model/engine/onnxruntime/index.ts'
import { buildNetwork } from '../../../src/model/network/unet.ts'
import { chooseTiling, predictImage, prepareImage } from '../../../src/model/prediction/predict-image.ts'
import { RandomGenerator } from '../../../src/model/random.ts'
import { initialiseWeights } from '../../../src/model/weights/initialise.ts'
import { noiseImage } from './memory-image.ts'

/**
 * Weights that nobody trained are the hard case: they look as far as the network can. The encoder and the field of
 * view are those of the full network; only the decoder has fewer channels, for speed.
 */
test('tiles give what the whole image gives, with the true network', async () => {
  const description = {
    encoder: 'mobilenet-v2',
    alpha: 1,
    decoder: 'slim',
    inputChannels: 1,
    classes: 3,
    dropout: 0,
  }
  const network = buildNetwork(description)
  const weights = initialiseWeights(network, new RandomGenerator(7))
  // The head begins small, for training's sake: scaled to logits of about 1, so that differences show.
  const head = weights.get('head.kernel')?.data as Float32Array
  head.forEach((value, index) => (head[index] = 10 * value))
  const predictor = await onnxRuntimeEngine.createPredictor(network, weights, { output: 'probabilities' })
  const [width, height] = [1190, 650]
  const image = noiseImage(width, height)
  const normalisation = { channels: [{ low: 0, high: 65535 }], scope: 'data set' as const }
  const options = { flips: false, probabilities: true }

  const predict = async (tilePixels: number): Promise<{ planes: Float32Array[]; tiles: number }> => {
    const tiling = { ...chooseTiling(0), wholePixels: tilePixels, tilePixels }
    const prepared = await prepareImage(image, 0, { network, normalisation, imageScale: 1, tiling })
    const planes = [0, 1, 2].map(() => new Float32Array(width * height))
    for await (const band of predictImage(predictor, prepared, options)) {
      band.probabilities?.forEach((plane, index) => planes[index]?.set(plane, band.y * width))
    }
    return { planes, tiles: prepared.tiling.rows.length * prepared.tiling.columns.length }
  }
  const whole = await predict(width * height * 2)
  const tiled = await predict(700 * 900)
  await predictor.dispose()
  expect(whole.tiles).toBe(1)
  expect(tiled.tiles).toBeGreaterThan(1)
  let largest = 0
  let [lowest, highest] = [1, 0]
  whole.planes.forEach((plane, index) => {
    plane.forEach((value, pixel) => {
      largest = Math.max(largest, Math.abs(value - (tiled.planes[index]?.[pixel] as number)))
      lowest = Math.min(lowest, value)
      highest = Math.max(highest, value)
    })
  })
  expect(highest - lowest).toBeGreaterThan(0.5)
  expect(largest).toBeLessThan(1e-3)
})
