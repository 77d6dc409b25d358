import type { Layer, Network } from '../../network/network.ts'
import type { NamedTensors } from '../../weights/tensor.ts'
import { type FoldedConvolution, foldBatchNorms } from '../fold-batch-norm.ts'
import type { GraphBuilder, Value } from './graph-builder.ts'

/**
 * Puts layers into a graph as they are in inference: batch first, `[batch, channels, height, width]`, batch norms folded
 * into the convolutions before them, no dropout, weights as constants. ONNX Runtime's optimiser then fuses activations
 * and brings the whole into its blocked layout.
 * @param layers of the network, in order, from the first one on
 * @param image the network's input
 * @returns the layers' outputs by name; their shapes are left open (`[]`)
 */
export function addInferenceLayers(
  builder: GraphBuilder,
  network: Network,
  layers: readonly Layer[],
  weights: NamedTensors,
  image: Value,
): Map<string, Value> {
  const folded = foldBatchNorms(network, weights)
  const values = new Map<string, Value>([['input', image]])
  const convolutions = new Map<string, Layer>()
  const valueOf = (name: string): Value => {
    const value = values.get(name)
    if (value === undefined) throw new Error(`Layer ${name} has no value yet.`)
    return value
  }

  const convolve = (layer: Layer, parameters: FoldedConvolution, scope: string): Value => {
    if (layer.kind !== 'convolution' && layer.kind !== 'transposed-convolution') {
      throw new Error(`${layer.name} is no convolution.`)
    }
    const [before, after] = layer.kind === 'convolution' ? layer.padding : ([1, 1] as const)
    const group = layer.kind === 'convolution' && layer.depthwise ? layer.channels : 1
    return builder.node(
      layer.kind === 'convolution' ? 'Conv' : 'ConvTranspose',
      [
        valueOf(layer.inputs[0] as string),
        builder.weight(`${scope}.kernel`, parameters.kernel.shape, parameters.kernel.data),
        builder.weight(`${scope}.bias`, [parameters.bias.length], parameters.bias),
      ],
      [],
      {
        kernel_shape: { ints: [layer.kernelSize, layer.kernelSize] },
        strides: { ints: [layer.stride, layer.stride] },
        pads: { ints: [before, before, after, after] },
        group: { int: group },
      },
    )
  }

  for (const layer of layers) {
    const inputs = layer.inputs
    switch (layer.kind) {
      case 'convolution':
      case 'transposed-convolution': {
        // A convolution with a batch norm behind it comes into being there.
        convolutions.set(layer.name, layer)
        const parameters = folded.get(layer.name)
        if (parameters !== undefined) values.set(layer.name, convolve(layer, parameters, layer.scope))
        break
      }
      case 'batch-norm': {
        const convolution = convolutions.get(inputs[0] as string) as Layer
        values.set(
          layer.name,
          convolve(convolution, folded.get(layer.name) as FoldedConvolution, layer.scope),
        )
        break
      }
      case 'relu':
        values.set(layer.name, builder.node('Relu', [valueOf(inputs[0] as string)], []))
        break
      case 'relu6':
        values.set(
          layer.name,
          builder.node(
            'Clip',
            [valueOf(inputs[0] as string), builder.constant([0]), builder.constant([6])],
            [],
          ),
        )
        break
      case 'dropout':
        values.set(layer.name, valueOf(inputs[0] as string))
        break
      case 'add':
        values.set(layer.name, builder.node('Add', inputs.map(valueOf), []))
        break
      case 'concatenate':
        values.set(layer.name, builder.node('Concat', inputs.map(valueOf), [], { axis: { int: 1 } }))
        break
    }
  }
  return values
}
