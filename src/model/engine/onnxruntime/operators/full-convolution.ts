import { type GraphBuilder, MICROSOFT, type Value } from '../graph-builder.ts'
import { convolvedExtent, imageToColumns, type Window } from './columns.ts'
import { type Activation, type Operation, pixelCount } from './operator.ts'

/**
 * A convolution with `kernel`, `[out, in, kh, kw]`, as one product with the columns of the image. Made for the stem:
 * the image needs no gradient, so none is built for the input.
 */
export function fullConvolution(
  builder: GraphBuilder,
  input: Activation,
  kernel: Value,
  channels: number,
  window: Window,
): Operation {
  const extent = convolvedExtent(input, window)
  const pixels = pixelCount(extent)
  const rows = input.channels * window.kernelSize ** 2
  const columns = imageToColumns(builder, input, window)
  const output = builder.node(
    'MatMul',
    [builder.reshape(kernel, [channels, rows]), columns],
    [channels, pixels],
  )
  return {
    output: { ...extent, value: output, channels },
    backward(gradient, needed) {
      if (needed > 0) throw new Error('Only the first layer of a network can be a full convolution.')
      const kernelGradient = builder.node(
        'FusedMatMul',
        [builder.reshape(gradient, [channels, pixels]), columns],
        [channels, rows],
        { transB: { int: 1 } },
        { domain: MICROSOFT },
      )
      return { inputs: [undefined], parameters: new Map([[kernel.name, kernelGradient]]) }
    },
  }
}
