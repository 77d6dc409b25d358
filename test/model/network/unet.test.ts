import { describe, expect, it } from 'vitest'
import { scaleChannels } from '../../../src/model/network/encoder.ts'
import type { Network, NetworkDescription } from '../../../src/model/network/network.ts'
import { listParameters, type Parameter } from '../../../src/model/network/parameters.ts'
import { buildNetwork, decoders, encoders } from '../../../src/model/network/unet.ts'
import { elementCount } from '../../../src/model/weights/tensor.ts'

const article: NetworkDescription = {
  encoder: 'mobilenet-v2',
  alpha: 1,
  decoder: 'pix2pix',
  inputChannels: 3,
  classes: 5,
  dropout: 0,
}

function countElements(network: Network, counted: (parameter: Parameter) => boolean): number {
  return listParameters(network)
    .filter(counted)
    .reduce((sum, { shape }) => sum + elementCount(shape), 0)
}

describe("the article's network", () => {
  const network = buildNetwork(article)

  it('has 10.13 million parameters, moving statistics among them', () => {
    expect(countElements(network, () => true)).toBe(10_133_829)
    // What reference/network_training.h5 has, made in PyTorch: 167 parameters that train.
    expect(countElements(network, ({ trained }) => trained)).toBe(10_100_357)
    expect(listParameters(network).filter(({ trained }) => trained)).toHaveLength(167)
  })

  it("taps the encoder where Keras's layers do, and takes multiples of 32", () => {
    expect(network.taps).toEqual([
      { layer: 'block_1.expand.relu6', channels: 96, reduction: 2 },
      { layer: 'block_3.expand.relu6', channels: 144, reduction: 4 },
      { layer: 'block_6.expand.relu6', channels: 192, reduction: 8 },
      { layer: 'block_13.expand.relu6', channels: 576, reduction: 16 },
      { layer: 'block_16.project.batch_norm', channels: 320, reduction: 32 },
    ])
    expect(network.stride).toBe(32)
  })

  it('has the stages of the decoder that the design names', () => {
    const upsampling = listParameters(network).filter(({ role }) => role === 'transposed-kernel')
    expect(upsampling.map(({ shape }) => shape)).toEqual([
      [320, 512, 4, 4],
      [512 + 576, 256, 4, 4],
      [256 + 192, 128, 4, 4],
      [128 + 144, 64, 4, 4],
      [64 + 96, 5, 4, 4],
    ])
  })

  it('pads a convolution of stride 2 by (0, 1) and one of stride 1 by (1, 1)', () => {
    const paddings = new Set<string>()
    for (const layer of network.layers) {
      if (layer.kind !== 'convolution') continue
      paddings.add(
        `${layer.kernelSize}x${layer.kernelSize}, stride ${layer.stride}: ${layer.padding.join(', ')}`,
      )
    }
    expect([...paddings].sort()).toEqual([
      '1x1, stride 1: 0, 0',
      '3x3, stride 1: 1, 1',
      '3x3, stride 2: 0, 1',
    ])
  })

  it('adds a residual wherever a block keeps size and channels: ten of seventeen', () => {
    const added = network.layers.filter(({ kind }) => kind === 'add').map(({ name }) => name)
    expect(added).toEqual([2, 4, 5, 7, 8, 9, 11, 12, 14, 15].map((block) => `block_${block}.add`))
  })

  it('has dropout behind the batch norms of the two coarsest stages, and none where the rate is 0', () => {
    const dropouts = (dropout: number): string[] =>
      buildNetwork({ ...article, dropout })
        .layers.filter(({ kind }) => kind === 'dropout')
        .map(({ inputs }) => inputs.join())
    expect(dropouts(0.5)).toEqual(['decoder_0.batch_norm', 'decoder_1.batch_norm'])
    expect(dropouts(0)).toEqual([])
  })

  it('is refused by name where this version does not know a part of it', () => {
    expect(() => buildNetwork({ ...article, decoder: 'fpn' })).toThrow(
      /no decoder called "fpn".*pix2pix, slim/,
    )
    expect(() => buildNetwork({ ...article, encoder: 'resnet50' })).toThrow(/no encoder called "resnet50"/)
  })
})

// keras.applications.MobileNetV2(alpha=..., include_top=False).count_params(), less the 1280-channel (1.4: 1792) top.
it.each([
  [0.35, 410_208 - (112 + 4) * 1280],
  [0.5, 706_224 - (160 + 4) * 1280],
  [1, 2_257_984 - (320 + 4) * 1280],
  [1.4, 4_363_712 - (448 + 4) * 1792],
])("an encoder of alpha %d has as many parameters as Keras's", (alpha, parameters) => {
  const network = buildNetwork({ ...article, alpha })
  expect(countElements(network, ({ part }) => part === 'encoder')).toBe(parameters)
})

it("scales channels as Keras's _make_divisible does", () => {
  const channels = [32, 16, 24, 32, 64, 96, 160, 320]
  const scaled = (alpha: number): number[] => channels.map((count) => scaleChannels(count, alpha))
  expect(scaled(0.35)).toEqual([16, 8, 8, 16, 24, 32, 56, 112])
  expect(scaled(0.5)).toEqual([16, 8, 16, 16, 32, 48, 80, 160])
  expect(scaled(0.75)).toEqual([24, 16, 24, 24, 48, 72, 120, 240])
  expect(scaled(1)).toEqual(channels)
  expect(scaled(1.4)).toEqual([48, 24, 32, 48, 88, 136, 224, 448])
})

describe.each(encoders.flatMap((encoder) => decoders.map((decoder) => [encoder, decoder] as const)))(
  '$0.name with $1.name',
  (encoder, decoder) => {
    const descriptions = [0.35, 0.5, 1, 1.4].flatMap((alpha) =>
      [1, 2, 3, 5].flatMap((inputChannels) =>
        [2, 5].map((classes) => ({
          encoder: encoder.name,
          decoder: decoder.name,
          alpha,
          inputChannels,
          classes,
          dropout: 0.5,
        })),
      ),
    )

    it.each(descriptions)(
      'alpha $alpha, $inputChannels channels, $classes classes: all layers fit',
      (description) => {
        const network = buildNetwork(description)
        const { channels, reduction } = traceShapes(network)
        expect([channels.get(network.output), reduction.get(network.output)]).toEqual([
          description.classes,
          1,
        ])
        for (const tap of network.taps) {
          expect([channels.get(tap.layer), reduction.get(tap.layer)]).toEqual([tap.channels, tap.reduction])
        }
        const names = listParameters(network).map(({ name }) => name)
        expect(new Set(names).size).toBe(names.length)
        const [stem] = listParameters(network)
        expect(stem?.shape).toEqual([
          scaleChannels(encoder.stemChannels, description.alpha),
          description.inputChannels,
          3,
          3,
        ])
        expect(buildNetwork(network.description)).toEqual(network)
      },
    )
  },
)

/** Channels, and pixels of the input to a pixel, of every layer, by what its kind does to those of its inputs. */
function traceShapes(network: Network): { channels: Map<string, number>; reduction: Map<string, number> } {
  const channels = new Map([['input', network.inputChannels]])
  const reduction = new Map([['input', 1]])
  for (const layer of network.layers) {
    const inputs = layer.inputs.map((name) => channels.get(name) as number)
    const sizes = new Set(layer.inputs.map((name) => reduction.get(name) as number))
    expect(sizes.size, layer.name).toBe(1)
    let [size] = sizes as Iterable<number> as [number]
    if (layer.kind === 'convolution') size *= layer.stride
    if (layer.kind === 'transposed-convolution') size /= layer.stride
    if (layer.kind === 'concatenate') {
      expect(layer.channels).toBe(inputs.reduce((sum, count) => sum + count))
    } else if (layer.kind === 'add') {
      expect(inputs).toEqual([layer.channels, layer.channels])
    } else if (
      layer.kind !== 'transposed-convolution' &&
      !(layer.kind === 'convolution' && !layer.depthwise)
    ) {
      expect(inputs).toEqual([layer.channels])
    }
    channels.set(layer.name, layer.channels)
    reduction.set(layer.name, size)
  }
  return { channels, reduction }
}
