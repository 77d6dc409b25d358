import { GraphBuilder, type Value } from '../engine/onnxruntime/graph-builder.ts'
import { addInferenceLayers } from '../engine/onnxruntime/inference-layers.ts'
import type { OnnxGraph } from '../engine/onnxruntime/onnx-model.ts'
import { shrinkFactor } from '../images/shrink.ts'
import { largestNormalised } from '../images/normalise.ts'
import type { Network } from '../network/network.ts'
import type { NamedTensors } from '../weights/tensor.ts'

/**
 * The network as other programs get it: everything between the normalised image and the probabilities of its pixels
 * is in the graph, so that nobody has to build it again. It shrinks the image where the plan does, clips, pads by
 * reflection to the network's stride, runs the network, and brings the result back to the image's size.
 *
 * Input `image`, `[batch, channels, height, width]`, `2 * (value - low) / (high - low) - 1`, of any height and width from
 * `smallestExtent` on; output `probabilities`, `[batch, classes, height, width]`.
 */
export function buildExchangeGraph(network: Network, weights: NamedTensors, imageScale: number): OnnxGraph {
  const builder = new GraphBuilder()
  const factor = shrinkFactor(imageScale)
  const image = builder.input('image', ['batch', network.inputChannels, 'height', 'width'])
  const small = factor === 1 ? image : shrink(builder, image, factor)
  const limit = [builder.constant([-largestNormalised]), builder.constant([largestNormalised])]
  const clipped = builder.node('Clip', [small, ...limit], [])
  const padded = pad(builder, clipped, network.stride, 'reflect')
  const layers = addInferenceLayers(builder, network, network.layers, weights, padded)
  const probabilities = builder.node('Softmax', [layers.get(network.output) as Value], [], {
    axis: { int: 1 },
  })
  const cropped = cropTo(builder, probabilities, small)
  const result = factor === 1 ? cropped : enlarge(builder, cropped, image, factor)
  builder.output('probabilities', result, ['batch', network.classes, 'height', 'width'])
  return builder.finish('segscope')
}

/** Fewer rows or columns cannot be padded by reflection up to the stride. */
export function smallestExtent(network: Pick<Network, 'stride'>, imageScale: number): number {
  return (network.stride / 2 + 1) * shrinkFactor(imageScale)
}

/** The means of `factor` x `factor` pixels, of fewer at the right and lower border, as `shrinkImage` has them. */
function shrink(builder: GraphBuilder, image: Value, factor: number): Value {
  const ones = builder.node(
    'Expand',
    [
      builder.constant([1], [1, 1, 1, 1]),
      builder.node('Concat', [builder.integers([1, 1]), sizeOf(builder, image)], [], { axis: { int: 0 } }),
    ],
    [],
  )
  const meanOf = (value: Value): Value =>
    builder.node('AveragePool', [pad(builder, value, factor, 'constant')], [], {
      kernel_shape: { ints: [factor, factor] },
      strides: { ints: [factor, factor] },
    })
  // The part of each cell that lies in the image makes the mean over the padded cell one over the image's own pixels.
  return builder.node('Div', [meanOf(image), meanOf(ones)], [])
}

/** Between the centres of the shrunken pixels, as `enlargeBands` does. */
function enlarge(builder: GraphBuilder, probabilities: Value, image: Value, factor: number): Value {
  const absent: Value = { name: '', shape: [] }
  const scales = builder.constant([1, 1, factor, factor])
  const enlarged = builder.node('Resize', [probabilities, absent, scales], [], {
    mode: { text: 'linear' },
    coordinate_transformation_mode: { text: 'half_pixel' },
  })
  return cropTo(builder, enlarged, image)
}

/** Appends rows and columns up to multiples of `step`. */
function pad(builder: GraphBuilder, value: Value, step: number, mode: 'reflect' | 'constant'): Value {
  const missing = builder.node(
    'Mod',
    [builder.node('Neg', [sizeOf(builder, value)], []), builder.integers([step])],
    [],
  )
  const pads = builder.node('Concat', [builder.integers([0, 0, 0, 0, 0, 0]), missing], [], {
    axis: { int: 0 },
  })
  return builder.node('Pad', [value, pads], [], { mode: { text: mode } })
}

/** The first rows and columns of a value: as many as another one has. */
function cropTo(builder: GraphBuilder, value: Value, other: Value): Value {
  return builder.node(
    'Slice',
    [value, builder.integers([0, 0]), sizeOf(builder, other), builder.integers([2, 3])],
    [],
  )
}

/** `[height, width]` of a value, as the graph finds it. */
function sizeOf(builder: GraphBuilder, value: Value): Value {
  const shape = builder.node('Shape', [value], [])
  return builder.node('Slice', [shape, builder.integers([2]), builder.integers([4])], [])
}
