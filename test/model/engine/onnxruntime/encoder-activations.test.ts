import { resolve } from 'node:path'
import h5wasm from 'h5wasm/node'
import { Tensor as OrtTensor } from '../../../../src/model/engine/onnxruntime/library.ts'
import { describe, expect, it } from 'vitest'
import { buildInferenceGraph } from '../../../../src/model/engine/onnxruntime/inference-graph.ts'
import { createSession } from '../../../../src/model/engine/onnxruntime/session.ts'
import { buildNetwork } from '../../../../src/model/network/unet.ts'
import { RandomGenerator } from '../../../../src/model/random.ts'
import { initialiseWeights } from '../../../../src/model/weights/initialise.ts'
import { readKerasEncoder } from '../../../../src/model/weights/keras-hdf5.ts'
import { sharedFolder } from '../../../shared.ts'
import { largestDifference } from '../compare.ts'

interface KerasActivation {
  /** `[1, height, width, channels]` */
  shape: number[]
  data: Float32Array
}

const referenceFile = (name: string): string => resolve(sharedFolder ?? '', 'reference', name)

/** What Keras computed for one group of the file, by its layers' names. */
async function readActivations(group: string): Promise<Map<string, KerasActivation>> {
  await h5wasm.ready
  const file = new h5wasm.File(referenceFile('mobilenetv2_activations.h5'), 'r')
  const names = (file.get(group) as { keys(): string[] }).keys()
  const activations = new Map(
    names.map((name) => {
      const { shape, value } = file.get(`${group}/${name}`) as { shape: number[]; value: Float32Array }
      return [name, { shape, data: value }] as const
    }),
  )
  file.close()
  return activations
}

/** Channels last to channels first. */
function planar({ shape, data }: KerasActivation): Float32Array {
  const channels = shape[3] as number
  const pixels = data.length / channels
  return data.map((_, index) => data[(index % pixels) * channels + Math.floor(index / pixels)] as number)
}

function rootMeanSquare(values: Float32Array): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length)
}

function standardDeviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return rootMeanSquare(values.map((value) => value - mean))
}

// The test of keras-hdf5.ts shows that all four layouts of the file give the same weights.
describe.skipIf(sharedFolder === undefined)("the encoder's activations with Keras's weights", () => {
  it.each([
    ['RGB', 'even', 3],
    // Keras repeated the image to three channels; here the stem's kernel is summed.
    ['grey', 'grey', 1],
  ])('agree with those of Keras: %s', async (_, group, inputChannels) => {
    const network = buildNetwork({
      encoder: 'mobilenet-v2',
      alpha: 1,
      decoder: 'slim',
      inputChannels,
      classes: 2,
      dropout: 0,
    })
    const weights = initialiseWeights(network, new RandomGenerator(1))
    const encoder = await readKerasEncoder(referenceFile('mobilenetv2_first_names.h5'), network)
    for (const [name, tensor] of encoder) weights.set(name, tensor)
    const activations = await readActivations(group)
    const input = activations.get('input_nhwc') as KerasActivation
    expect(input.shape).toEqual([1, 96, 128, inputChannels])

    const session = await createSession(buildInferenceGraph(network, weights, 'logits', true), 2)
    const results = await session.run({
      image: new OrtTensor('float32', planar(input), [1, inputChannels, 96, 128]),
    })
    await session.release()
    const kerasNames = new Map([
      ['block_1.expand.relu6', 'block_1_expand_relu'],
      ['block_3.expand.relu6', 'block_3_expand_relu'],
      ['block_6.expand.relu6', 'block_6_expand_relu'],
      ['block_13.expand.relu6', 'block_13_expand_relu'],
      ['block_16.project.batch_norm', 'block_16_project_BN'],
    ])
    expect(network.taps.map(({ layer }) => layer)).toEqual([...kerasNames.keys()])
    for (const [layer, kerasName] of kerasNames) {
      const expected = activations.get(kerasName) as KerasActivation
      const computed = results[layer] as OrtTensor
      const [, height, width, channels] = expected.shape
      expect(computed.dims).toEqual([1, channels, height, width])
      const exact = planar(expected)
      const deviation = standardDeviation(exact)
      const differences = exact.map((value, index) => (computed.data[index] as number) - value)
      expect(rootMeanSquare(differences) / deviation, kerasName).toBeLessThan(1e-4)
      // Single values: Keras itself is up to 1.4e-4 away from the same network in float64.
      expect(largestDifference(computed.data as Float32Array, exact) / deviation, kerasName).toBeLessThan(
        3e-4,
      )
    }
  })
})
