import { type GraphBuilder, MICROSOFT, type Value } from '../graph-builder.ts'
import { imageToColumns } from './columns.ts'
import { type Activation, asImages, asMatrix, type Extent, type Operation, pixelCount } from './operator.ts'

const KERNEL_SIZE = 4
const STRIDE = 2
const PADDING = 1

/**
 * A transposed convolution with `kernel`, `[in, out, 4, 4]`, stride 2, padding 1: it doubles height and width.
 * Both gradients are one product each with the columns of the upstream gradient, as it is the transpose of a convolution.
 */
export function transposedConvolution(
  builder: GraphBuilder,
  input: Activation,
  kernel: Value,
  bias: Value | undefined,
  channels: number,
): Operation {
  const extent: Extent = { batch: input.batch, height: input.height * STRIDE, width: input.width * STRIDE }
  const rows = channels * KERNEL_SIZE ** 2
  const swap = (value: Value, shape: readonly number[]): Value =>
    builder.node('Transpose', [value], shape, { perm: { ints: [1, 0, 2, 3] } })

  const weights = builder.reshape(kernel, [input.channels, channels, KERNEL_SIZE, KERNEL_SIZE])
  // ONNX Runtime's operator adds the columns up image by image, in the cache: it wants the batch first.
  const batchFirst = swap(asImages(builder, input), [input.batch, input.channels, input.height, input.width])
  const upsampled = builder.node(
    'ConvTranspose',
    bias === undefined ? [batchFirst, weights] : [batchFirst, weights, bias],
    [input.batch, channels, extent.height, extent.width],
    {
      kernel_shape: { ints: [KERNEL_SIZE, KERNEL_SIZE] },
      strides: { ints: [STRIDE, STRIDE] },
      pads: { ints: [PADDING, PADDING, PADDING, PADDING] },
    },
  )
  const output = swap(upsampled, [channels, input.batch, extent.height, extent.width])

  return {
    output: { ...extent, value: output, channels },
    backward(gradient, needed) {
      const columns = imageToColumns(
        builder,
        { ...extent, value: gradient, channels },
        { kernelSize: KERNEL_SIZE, stride: STRIDE, padding: [PADDING, PADDING] },
      )
      const kernelGradient = builder.node(
        'FusedMatMul',
        [asMatrix(builder, input), columns],
        [input.channels, rows],
        { transB: { int: 1 } },
        { domain: MICROSOFT },
      )
      const parameters = new Map([[kernel.name, kernelGradient]])
      if (bias !== undefined) {
        const matrix = builder.reshape(gradient, [channels, pixelCount(extent)])
        parameters.set(
          bias.name,
          builder.node('ReduceSum', [matrix, builder.integers([1])], [channels], { keepdims: { int: 0 } }),
        )
      }
      return { inputs: [needed > 0 ? inputGradient(columns, needed) : undefined], parameters }
    },
  }

  /** Of the leading channels: the skips behind them come from an encoder that may be frozen, and are half of the work. */
  function inputGradient(columns: Value, leading: number): Value {
    const all = builder.reshape(kernel, [input.channels, rows])
    const bounds = [[0], [leading], [0]].map((bound) => builder.integers(bound))
    const kernels =
      leading === input.channels ? all : builder.node('Slice', [all, ...bounds], [leading, rows])
    return builder.node('MatMul', [kernels, columns], [leading, pixelCount(input)])
  }
}
