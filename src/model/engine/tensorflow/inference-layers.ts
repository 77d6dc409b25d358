import type { ConvolutionLayer, Layer, Network, TransposedConvolutionLayer } from '../../network/network.ts'
import type { NamedTensors } from '../../weights/tensor.ts'
import { type FoldedConvolution, foldBatchNorms } from '../fold-batch-norm.ts'
import type { GraphBuilder, Value } from './graph-builder.ts'
import { tensorFlowShape, toTensorFlow } from './kernel-layout.ts'
import { activation, addBias, convolution, transposedConvolution } from './layer-nodes.ts'

/**
 * Puts layers into a graph as they are in inference: batch norms folded into the convolutions before them, no dropout, weights
 * as constants. TensorFlow's optimiser then fuses bias and activation into the convolutions.
 * @param layers of the network, in order, from the first one on
 * @param image `[batch, height, width, channels]`
 * @param outputShapeOf gives the shape, `[4]`, of a transposed convolution's output
 * @returns the layers' outputs by name
 */
export function addInferenceLayers(
  builder: GraphBuilder,
  network: Network,
  layers: readonly Layer[],
  weights: NamedTensors,
  image: Value,
  outputShapeOf: (layer: TransposedConvolutionLayer) => Value,
): Map<string, Value> {
  const folded = foldBatchNorms(network, weights)
  const values = new Map<string, Value>([['input', image]])
  const convolutions = new Map<string, ConvolutionLayer | TransposedConvolutionLayer>()
  const valueOf = (name: string): Value => {
    const value = values.get(name)
    if (value === undefined) throw new Error(`Layer ${name} has no value yet.`)
    return value
  }

  const convolve = (
    layer: ConvolutionLayer | TransposedConvolutionLayer,
    { kernel, bias }: FoldedConvolution,
  ): Value => {
    const role =
      layer.kind === 'transposed-convolution'
        ? 'transposed-kernel'
        : layer.depthwise
          ? 'depthwise-kernel'
          : 'kernel'
    const parameter = { role, shape: kernel.shape } as const
    const weight = builder.weight(tensorFlowShape(parameter), toTensorFlow(parameter, kernel.data))
    const input = valueOf(layer.inputs[0] as string)
    const result =
      layer.kind === 'convolution'
        ? convolution(builder, input, weight, layer)
        : transposedConvolution(builder, input, weight, outputShapeOf(layer))
    return addBias(builder, result, builder.weight([bias.length], bias))
  }

  for (const layer of layers) {
    const inputs = layer.inputs
    const first = inputs[0] as string
    switch (layer.kind) {
      case 'convolution':
      case 'transposed-convolution': {
        // A convolution with a batch norm behind it comes into being there.
        convolutions.set(layer.name, layer)
        const parameters = folded.get(layer.name)
        if (parameters !== undefined) values.set(layer.name, convolve(layer, parameters))
        break
      }
      case 'batch-norm': {
        const before = convolutions.get(first) as ConvolutionLayer | TransposedConvolutionLayer
        values.set(layer.name, convolve(before, folded.get(layer.name) as FoldedConvolution))
        break
      }
      case 'relu':
      case 'relu6':
        values.set(layer.name, activation(builder, layer.kind, valueOf(first)))
        break
      case 'dropout':
        values.set(layer.name, valueOf(first))
        break
      case 'add':
        values.set(layer.name, builder.binary('AddV2', valueOf(first), valueOf(inputs[1] as string)))
        break
      case 'concatenate':
        values.set(layer.name, builder.concatenate(inputs.map(valueOf), 3))
        break
    }
  }
  return values
}
