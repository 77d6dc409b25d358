import { type GraphBuilder, MICROSOFT, type Value } from '../graph-builder.ts'
import { imageToColumns } from './columns.ts'
import { minimalGradients } from './minimal-gradients.ts'
import {
  type Activation,
  asImages,
  asMatrix,
  type Extent,
  leadingRows,
  type Operation,
  pixelCount,
} from './operator.ts'

const KERNEL_SIZE = 4
const STRIDE = 2
const PADDING = 1

/**
 * A transposed convolution with `kernel`, `[in, out, 4, 4]`, stride 2, padding 1: it doubles height and width.
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
      const upstream = { ...extent, value: gradient, channels }
      const gradients = isWorthTransforming()
        ? minimalGradients(builder, input, kernel, upstream, needed)
        : columnGradients(upstream, needed)
      const parameters = new Map([[kernel.name, gradients.kernel]])
      if (bias !== undefined) {
        const matrix = builder.reshape(gradient, [channels, pixelCount(extent)])
        parameters.set(
          bias.name,
          builder.node('ReduceSum', [matrix, builder.integers([1])], [channels], { keepdims: { int: 0 } }),
        )
      }
      return { inputs: [gradients.input], parameters }
    },
  }

  /**
   * Transforming costs by the input's, the kernel's and the output's size, multiplying by their product: measured, few pixels
   * for the kernel (512) or few channels for the pixels (the head) gain nothing.
   */
  function isWorthTransforming(): boolean {
    const even = input.height % 2 === 0 && input.width % 2 === 0
    return even && pixelCount(input) >= 1024 && channels >= 32
  }

  /** One product each with the columns of the upstream gradient, as the operator is the transpose of a convolution. */
  function columnGradients(upstream: Activation, leading: number) {
    const columns = imageToColumns(builder, upstream, {
      kernelSize: KERNEL_SIZE,
      stride: STRIDE,
      padding: [PADDING, PADDING],
    })
    const kernelGradient = builder.node(
      'FusedMatMul',
      [asMatrix(builder, input), columns],
      [input.channels, rows],
      { transB: { int: 1 } },
      { domain: MICROSOFT },
    )
    const kernels = builder.reshape(kernel, [input.channels, rows])
    const inputGradient = (): Value =>
      builder.node('MatMul', [leadingRows(builder, kernels, leading), columns], [leading, pixelCount(input)])
    return { kernel: kernelGradient, input: leading > 0 ? inputGradient() : undefined }
  }
}
