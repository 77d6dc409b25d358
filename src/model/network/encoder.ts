import type { LayerList } from './layer-list.ts'
import type { FeatureTap } from './network.ts'

/** Inverted residual blocks of one width (MobileNetV2's t, c, n, s). */
export interface EncoderStage {
  expansion: number
  channels: number
  repeats: number
  /** Of the first block; the others have stride 1. */
  stride: 1 | 2
}

/** An encoder of inverted residual blocks, as data. Another one of this family is one more such object. */
export interface EncoderDefinition {
  name: string
  stemChannels: number
  stages: readonly EncoderStage[]
  /** Blocks whose expansion a decoder takes as a skip connection. */
  tappedBlocks: readonly number[]
  batchNormEpsilon: number
}

/**
 * Channels scaled by alpha and rounded to a multiple of 8, never down by more than a tenth:
 * `_make_divisible` of Keras's and the original TensorFlow's MobileNetV2.
 */
export function scaleChannels(channels: number, alpha: number): number {
  const scaled = channels * alpha
  const rounded = Math.max(8, Math.floor((scaled + 4) / 8) * 8)
  return rounded < 0.9 * scaled ? rounded + 8 : rounded
}

/** Zeros around a 3x3 convolution: one on each side; with stride 2 none before and one after, as Keras does for even sizes. */
function paddingFor(stride: number): readonly [number, number] {
  return stride === 2 ? [0, 1] : [1, 1]
}

/**
 * Adds the encoder's layers.
 * @returns its taps from fine to coarse, the last one being the bottom
 */
export function addEncoder(layers: LayerList, definition: EncoderDefinition, alpha: number): FeatureTap[] {
  const epsilon = definition.batchNormEpsilon
  const taps: FeatureTap[] = []
  const scale = (channels: number): number => scaleChannels(channels, alpha)
  const normalise = (scope: string, convolution: string): string =>
    layers.batchNorm(scope, convolution, epsilon)

  const stem = layers.convolution('stem', 'input', scale(definition.stemChannels), {
    kernelSize: 3,
    stride: 2,
    padding: paddingFor(2),
  })
  let current = layers.activation('relu6', 'stem', normalise('stem', stem))
  let reduction = 2
  let block = 0
  for (const stage of definition.stages) {
    for (let repeat = 0; repeat < stage.repeats; repeat++, block++) {
      const scope = `block_${block}`
      const stride = repeat === 0 ? stage.stride : 1
      const blockInput = current
      if (stage.expansion !== 1) {
        const expand = layers.convolution(
          `${scope}.expand`,
          current,
          layers.channelsOf(current) * stage.expansion,
          { kernelSize: 1, stride: 1, padding: [0, 0] },
        )
        current = layers.activation('relu6', `${scope}.expand`, normalise(`${scope}.expand`, expand))
        if (definition.tappedBlocks.includes(block)) {
          taps.push({ layer: current, channels: layers.channelsOf(current), reduction })
        }
      }
      const depthwise = layers.depthwiseConvolution(`${scope}.depthwise`, current, {
        kernelSize: 3,
        stride,
        padding: paddingFor(stride),
      })
      current = layers.activation('relu6', `${scope}.depthwise`, normalise(`${scope}.depthwise`, depthwise))
      reduction *= stride
      const project = layers.convolution(`${scope}.project`, current, scale(stage.channels), {
        kernelSize: 1,
        stride: 1,
        padding: [0, 0],
      })
      current = normalise(`${scope}.project`, project)
      if (stride === 1 && layers.channelsOf(blockInput) === layers.channelsOf(current)) {
        current = layers.add(scope, blockInput, current)
      }
    }
  }
  taps.push({ layer: current, channels: layers.channelsOf(current), reduction })
  return taps
}
