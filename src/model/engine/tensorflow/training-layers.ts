import type { ConvolutionLayer } from '../../network/network.ts'
import { type GraphBuilder, output, type Value } from './graph-builder.ts'
import {
  activation,
  addBias,
  convolution,
  convolutionAttributes,
  transposedAttributes,
  transposedConvolution,
} from './layer-nodes.ts'

/** `[batch, height, width, channels]` */
export type Shape = readonly [batch: number, height: number, width: number, channels: number]

export interface Activation {
  value: Value
  shape: Shape
}

/** One layer in the training graph: what it gives, and the gradients that it passes on. */
export interface Operation {
  output: Activation
  /**
   * @param gradient of the loss with respect to the output
   * @param needed whether anything before this layer trains
   * @returns gradients of the inputs, in their order, and of the parameters, by the parameters' values
   */
  backward(
    gradient: Value,
    needed: boolean,
  ): { inputs: readonly (Value | undefined)[]; parameters: ReadonlyMap<Value, Value> }
}

const float = { T: { type: 'float' } } as const
const none: ReadonlyMap<Value, Value> = new Map()

/** @param kernelShape as TensorFlow has it */
export function trainedConvolution(
  builder: GraphBuilder,
  input: Activation,
  kernel: Value,
  kernelShape: readonly number[],
  layer: ConvolutionLayer,
): Operation {
  const [batch, height, width] = input.shape
  const attributes = convolutionAttributes(layer)
  const operator = layer.depthwise ? 'DepthwiseConv2dNativeBackprop' : 'Conv2DBackprop'
  return {
    output: {
      value: convolution(builder, input.value, kernel, layer),
      shape: [batch, height / layer.stride, width / layer.stride, layer.channels],
    },
    backward: (gradient, needed) => ({
      inputs: [
        needed
          ? builder.node(`${operator}Input`, [builder.integers(input.shape), kernel, gradient], attributes)
          : undefined,
      ],
      parameters: new Map([
        [
          kernel,
          builder.node(
            `${operator}Filter`,
            [input.value, builder.integers(kernelShape), gradient],
            attributes,
          ),
        ],
      ]),
    }),
  }
}

/** The transpose of a convolution: its gradients are that convolution, and that convolution's gradient with the two changing places. */
export function trainedTransposedConvolution(
  builder: GraphBuilder,
  input: Activation,
  kernel: Value,
  kernelShape: readonly number[],
  bias: Value | undefined,
  channels: number,
): Operation {
  const [batch, height, width] = input.shape
  const shape: Shape = [batch, height * 2, width * 2, channels]
  const result = transposedConvolution(builder, input.value, kernel, builder.integers(shape))
  return {
    output: { value: bias === undefined ? result : addBias(builder, result, bias), shape },
    backward(gradient, needed) {
      const parameters = new Map([
        [
          kernel,
          builder.node(
            'Conv2DBackpropFilter',
            [gradient, builder.integers(kernelShape), input.value],
            transposedAttributes,
          ),
        ],
      ])
      if (bias !== undefined) {
        parameters.set(
          bias,
          builder.node('BiasAddGrad', [gradient], { ...float, data_format: { text: 'NHWC' } }),
        )
      }
      return {
        inputs: [needed ? builder.node('Conv2D', [gradient, kernel], transposedAttributes) : undefined],
        parameters,
      }
    },
  }
}

export interface BatchNormValues {
  gamma: Value
  beta: Value
  movingMean: Value
  movingVariance: Value
}

/**
 * Batch norm by TensorFlow's fused operators.
 * @param momentum share of the batch in the moving statistics (whose variance is the unbiased one); undefined: normalise with them
 */
export function trainedBatchNorm(
  builder: GraphBuilder,
  input: Activation,
  { gamma, beta, movingMean, movingVariance }: BatchNormValues,
  epsilon: number,
  momentum: number | undefined,
): Operation & { moved: { mean: Value; variance: Value } | undefined } {
  const training = momentum !== undefined
  const attributes = {
    ...float,
    U: { type: 'float' },
    epsilon: { float: epsilon },
    data_format: { text: 'NHWC' },
    is_training: { boolean: training },
  } as const
  const normalised = builder.node(
    'FusedBatchNormV3',
    [input.value, gamma, beta, movingMean, movingVariance],
    { ...attributes, exponential_avg_factor: { float: momentum ?? 1 } },
  )
  return {
    output: { value: normalised, shape: input.shape },
    moved: training ? { mean: output(normalised, 1), variance: output(normalised, 2) } : undefined,
    backward(gradient, needed) {
      const kept = training ? [3, 4].map((index) => output(normalised, index)) : [movingMean, movingVariance]
      const gradients = builder.node(
        'FusedBatchNormGradV3',
        [gradient, input.value, gamma, ...kept, output(normalised, 5)],
        attributes,
      )
      return {
        inputs: [needed ? gradients : undefined],
        parameters: new Map([
          [gamma, output(gradients, 1)],
          [beta, output(gradients, 2)],
        ]),
      }
    },
  }
}

export function trainedActivation(
  builder: GraphBuilder,
  kind: 'relu' | 'relu6',
  input: Activation,
): Operation {
  const value = activation(builder, kind, input.value)
  return {
    output: { ...input, value },
    backward: (gradient, needed) => ({
      inputs: [
        needed
          ? builder.node(kind === 'relu' ? 'ReluGrad' : 'Relu6Grad', [gradient, value], float)
          : undefined,
      ],
      parameters: none,
    }),
  }
}

/** Dropout with the mask (0 or 1 / (1 - rate)) given, so that a resumed run draws what it would have drawn. */
export function trainedDropout(builder: GraphBuilder, input: Activation, mask: Value): Operation {
  return {
    output: { ...input, value: builder.binary('Mul', input.value, mask) },
    backward: (gradient, needed) => ({
      inputs: [needed ? builder.binary('Mul', gradient, mask) : undefined],
      parameters: none,
    }),
  }
}

export function trainedAddition(builder: GraphBuilder, left: Activation, right: Activation): Operation {
  return {
    output: { ...left, value: builder.binary('AddV2', left.value, right.value) },
    backward: (gradient, needed) => ({
      inputs: needed ? [gradient, gradient] : [undefined, undefined],
      parameters: none,
    }),
  }
}

export function trainedConcatenation(builder: GraphBuilder, parts: readonly Activation[]): Operation {
  const [batch, height, width] = (parts[0] as Activation).shape
  const sizes = parts.map(({ shape }) => shape[3])
  const channels = sizes.reduce((sum, size) => sum + size, 0)
  return {
    output: {
      value: builder.concatenate(
        parts.map(({ value }) => value),
        3,
      ),
      shape: [batch, height, width, channels],
    },
    backward: (gradient, needed) => ({
      inputs: needed ? builder.split(gradient, sizes, 3) : parts.map(() => undefined),
      parameters: none,
    }),
  }
}
