import { type GraphBuilder, MICROSOFT, type Value } from '../graph-builder.ts'
import type { TransposedProduct } from './minimal-product.ts'
import { type Activation, asMatrix, pixelCount } from './operator.ts'
import { windowTransform } from './window-transform.ts'

const KERNEL_SIZE = 4
/** Each of the kernel's four places reaches one pixel of the window. */
const PIXELS_OF_PLACES = [
  [1, 0, 0, 0],
  [0, 1, 0, 0],
  [0, 0, 1, 0],
  [0, 0, 0, 1],
]

/**
 * A transposed convolution (4x4, stride 2, padding 1) as one product of kernel and pixels, whose results are added up where
 * they overlap; its gradients are one product each with the columns of the upstream gradient.
 */
export function columnProduct(
  builder: GraphBuilder,
  input: Activation,
  kernel: Value,
  channels: number,
): TransposedProduct {
  const { batch, height, width } = input
  const pixels = pixelCount(input)
  const rows = channels * KERNEL_SIZE ** 2
  const kernels = builder.reshape(kernel, [input.channels, rows])
  const matrix = asMatrix(builder, input)
  const windows = windowTransform(builder, input, channels, PIXELS_OF_PLACES)
  return { output: output(), gradients }

  function output(): Value {
    const products = builder.node(
      'FusedMatMul',
      [kernels, matrix],
      [rows, pixels],
      { transA: { int: 1 } },
      { domain: MICROSOFT },
    )
    const ordered = builder.node(
      'Transpose',
      [builder.reshape(products, [channels, KERNEL_SIZE, KERNEL_SIZE, batch, height, width])],
      [channels, batch, KERNEL_SIZE, height, KERNEL_SIZE, width],
      { perm: { ints: [0, 3, 1, 4, 2, 5] } },
    )
    return windows.toImages(ordered)
  }

  /** What the kernel meets of the upstream gradient at each input pixel, `[channels * kernel places, pixels]`. */
  function columnsOf(upstream: Activation): Value {
    const values = builder.reshape(windows.fromImages(upstream.value), [
      channels,
      batch,
      KERNEL_SIZE,
      height,
      KERNEL_SIZE,
      width,
    ])
    const ordered = builder.node(
      'Transpose',
      [values],
      [channels, KERNEL_SIZE, KERNEL_SIZE, batch, height, width],
      { perm: { ints: [0, 2, 4, 1, 3, 5] } },
    )
    return builder.reshape(ordered, [rows, pixels])
  }

  function gradients(upstream: Activation, leading: number): { kernel: Value; input: Value | undefined } {
    const columns = columnsOf(upstream)
    const kernelGradient = builder.node(
      'FusedMatMul',
      [matrix, columns],
      [input.channels, rows],
      { transB: { int: 1 } },
      { domain: MICROSOFT },
    )
    const inputGradient = (): Value =>
      builder.node('MatMul', [leadingRows(builder, kernels, leading), columns], [leading, pixels])
    return { kernel: kernelGradient, input: leading > 0 ? inputGradient() : undefined }
  }
}

/** The leading rows of a value: of a kernel for the input channels that need a gradient, as frozen skips stand behind them. */
function leadingRows(builder: GraphBuilder, value: Value, count: number): Value {
  if (count === value.shape[0]) return value
  const bounds = [[0], [count], [0]].map((bound) => builder.integers(bound))
  return builder.node('Slice', [value, ...bounds], [count, ...value.shape.slice(1)])
}
