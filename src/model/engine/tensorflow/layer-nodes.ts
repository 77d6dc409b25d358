import type { ConvolutionLayer } from '../../network/network.ts'
import type { GraphBuilder, Value } from './graph-builder.ts'
import type { AttributeValue } from './saved-model.ts'

/** Activations lie as `[batch, height, width, channels]`, which TensorFlow computes on every device. */
const layout = { data_format: { text: 'NHWC' } } as const
const float = { T: { type: 'float' } } as const

/** Attributes of a convolution and its gradients. Sizes that are multiples of the network's stride make 'SAME' what the layer asks for. */
export function convolutionAttributes(
  layer: Pick<ConvolutionLayer, 'kernelSize' | 'stride' | 'padding'>,
): Readonly<Record<string, AttributeValue>> {
  // The SAME padding of an extent that the stride divides: kernel - stride in all, the odd one behind.
  const total = Math.max(layer.kernelSize - layer.stride, 0)
  const before = Math.floor(total / 2)
  if (layer.padding[0] !== before || layer.padding[1] !== total - before) {
    throw new RangeError(
      `TensorFlow's SAME padding of a ${layer.kernelSize}-pixel kernel is not ${layer.padding.join(', ')}.`,
    )
  }
  return {
    ...float,
    ...layout,
    padding: { text: 'SAME' },
    strides: { ints: [1, layer.stride, layer.stride, 1] },
  }
}

/** A transposed convolution's convolution: 4 x 4, stride 2, one pixel of padding. */
export const transposedAttributes = convolutionAttributes({ kernelSize: 4, stride: 2, padding: [1, 1] })

export function convolution(
  builder: GraphBuilder,
  input: Value,
  kernel: Value,
  layer: ConvolutionLayer,
): Value {
  return builder.node(
    layer.depthwise ? 'DepthwiseConv2dNative' : 'Conv2D',
    [input, kernel],
    convolutionAttributes(layer),
  )
}

/** @param outputShape `[4]`, integers: of the result */
export function transposedConvolution(
  builder: GraphBuilder,
  input: Value,
  kernel: Value,
  outputShape: Value,
): Value {
  return builder.node('Conv2DBackpropInput', [outputShape, kernel, input], transposedAttributes)
}

export function addBias(builder: GraphBuilder, input: Value, bias: Value): Value {
  return builder.node('BiasAdd', [input, bias], { ...float, ...layout })
}

export function activation(builder: GraphBuilder, kind: 'relu' | 'relu6', input: Value): Value {
  return builder.node(kind === 'relu' ? 'Relu' : 'Relu6', [input], float)
}
