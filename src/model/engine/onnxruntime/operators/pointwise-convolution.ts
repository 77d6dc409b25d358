import { type GraphBuilder, MICROSOFT, type Value } from '../graph-builder.ts'
import { type Activation, asMatrix, type Operation, pixelCount } from './operator.ts'

/** A 1x1 convolution of stride 1: the product of `kernel`, `[out, in, 1, 1]`, with the matrix of pixels. */
export function pointwiseConvolution(
  builder: GraphBuilder,
  input: Activation,
  kernel: Value,
  channels: number,
): Operation {
  const pixels = pixelCount(input)
  const weights = builder.reshape(kernel, [channels, input.channels])
  const matrix = asMatrix(builder, input)
  const output = builder.node('MatMul', [weights, matrix], [channels, pixels])
  return {
    output: { ...input, value: output, channels },
    backward(gradient, needed) {
      const upstream = builder.reshape(gradient, [channels, pixels])
      const kernelGradient = builder.node(
        'FusedMatMul',
        [upstream, matrix],
        [channels, input.channels],
        { transB: { int: 1 } },
        { domain: MICROSOFT },
      )
      const inputGradient =
        needed > 0
          ? builder.node(
              'FusedMatMul',
              [weights, upstream],
              [input.channels, pixels],
              { transA: { int: 1 } },
              { domain: MICROSOFT },
            )
          : undefined
      return { inputs: [inputGradient], parameters: new Map([[kernel.name, kernelGradient]]) }
    },
  }
}
