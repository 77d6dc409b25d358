import { expect, onTestFinished, test } from 'vitest'
import { drawImage } from '../../../pretraining/draw-image.ts'
import { SIDE } from '../../../pretraining/planes.ts'
import { STARTING_NETWORK, startingNetworkFile } from '../../../src/main/services/starting-network.ts'
import { startingWeights } from '../../../src/main/services/starting-weights.ts'
import { onnxRuntimeEngine } from '../../../src/model/engine/onnxruntime/index.ts'
import { chooseTiling, predictImage, prepareImage } from '../../../src/model/prediction/predict-image.ts'
import { RandomGenerator } from '../../../src/model/random.ts'
import { readCheckpoint } from '../../../src/model/weights/checkpoint.ts'
import { memoryImage } from '../../model/prediction/memory-image.ts'
import { planWith } from '../../model/training/fixtures.ts'

/** Training drew images 0 to 999. */
const UNSEEN = Array.from({ length: 24 }, (_, index) => 2001 + index)

test.each([
  [1, ['stem.kernel', 'head.kernel', 'head.bias']],
  [3, ['head.kernel', 'head.bias']],
])('the slim decoder for %i channels begins with all of it, but for %j', async (inputChannels, others) => {
  const { weights: own } = await readCheckpoint(startingNetworkFile)
  const weights = await startingWeights(planOf('slim', inputChannels), STARTING_NETWORK)
  const differing = [...weights].filter(([name, { data }]) => !equal(data, own.get(name)?.data))
  expect(differing.map(([name]) => name)).toEqual(others)
})

test('the decoder with all channels begins with its encoder', async () => {
  const { weights: own } = await readCheckpoint(startingNetworkFile)
  const weights = await startingWeights(planOf('pix2pix', 3), STARTING_NETWORK)
  const taken = [...weights].filter(([name, { data }]) => equal(data, own.get(name)?.data))
  const names = taken.map(([name]) => name)
  expect(names).toContain('stem.kernel')
  expect(names).toContain('block_16.project.moving_variance')
  expect(names.filter((name) => !/^(stem|block_\d+)\./.test(name))).toEqual([])
})

test('the network that comes with Segscope finds cells and nuclei in drawn images that it has not seen', async () => {
  const { header, network, weights } = await readCheckpoint(startingNetworkFile)
  const predictor = await onnxRuntimeEngine.createPredictor(network, weights, { output: 'probabilities' })
  onTestFinished(() => predictor.dispose())
  const { normalisation, imageScale } = header.plan
  let [both, sum] = [0, 0]
  for (const seed of UNSEEN) {
    const { samples, labels } = drawImage(new RandomGenerator(seed))
    const channels = samples.length / labels.length
    const planes = Float32Array.from(samples, (_, at) => {
      const [channel, pixel] = [Math.floor(at / labels.length), at % labels.length]
      return samples[pixel * channels + channel] as number
    })
    const image = memoryImage(planes, { width: SIDE, height: SIDE, channels })
    const prepared = await prepareImage(image, 0, {
      network,
      normalisation,
      imageScale,
      tiling: chooseTiling(0),
    })
    for await (const band of predictImage(predictor, prepared, { flips: false, probabilities: false })) {
      band.labels.forEach((label, at) => {
        const [isFound, isThere] = [label > 0, (labels[band.y * SIDE + at] as number) > 0]
        sum += Number(isFound) + Number(isThere)
        both += Number(isFound && isThere)
      })
    }
  }
  expect((2 * both) / sum).toBeGreaterThan(0.8)
})

function planOf(decoder: string, inputChannels: number): ReturnType<typeof planWith> {
  const network = { encoder: 'mobilenet-v2', alpha: 1, decoder, inputChannels, classes: 3, dropout: 0 }
  return planWith({ network })
}

function equal(one: Float32Array, other: Float32Array | undefined): boolean {
  return one.length === other?.length && one.every((value, at) => value === other[at])
}
