import type { GraphBuilder, Value } from '../graph-builder.ts'
import { columnProduct } from './column-product.ts'
import { minimalProduct } from './minimal-product.ts'
import { type Activation, type Extent, type Operation, pixelCount } from './operator.ts'

const STRIDE = 2

/**
 * A transposed convolution with `kernel`, `[in, out, 4, 4]`, stride 2, padding 1: it doubles height and width. ONNX Runtime's
 * own operator multiplies image by image, and takes nearly twice as long as a product over the batch.
 */
export function transposedConvolution(
  builder: GraphBuilder,
  input: Activation,
  kernel: Value,
  bias: Value | undefined,
  channels: number,
): Operation {
  const extent: Extent = { batch: input.batch, height: input.height * STRIDE, width: input.width * STRIDE }
  const shape = [channels, pixelCount(extent)]
  const product = (isWorthTransforming() ? minimalProduct : columnProduct)(builder, input, kernel, channels)
  const output =
    bias === undefined
      ? product.output
      : builder.node(
          'Add',
          [builder.reshape(product.output, shape), builder.reshape(bias, [channels, 1])],
          shape,
        )

  return {
    output: { ...extent, value: output, channels },
    backward(gradient, needed) {
      const gradients = product.gradients({ ...extent, value: gradient, channels }, needed)
      const parameters = new Map([[kernel.name, gradients.kernel]])
      if (bias !== undefined) {
        const matrix = builder.reshape(gradient, shape)
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
}
