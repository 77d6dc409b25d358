import type { GraphBuilder, Value } from '../graph-builder.ts'
import type { AttributeValue } from '../onnx-model.ts'
import { convolvedExtent, type Window } from './columns.ts'
import type { Activation, Operation } from './operator.ts'

/**
 * The domain in which ONNX Runtime's own optimiser puts convolutions whose kernels are constant: pixels of 8 or 16
 * channels lie together, as the processor's vectors want them. `ReorderInput` and `ReorderOutput` go there and back,
 * whatever the processor's width. In training the kernels change, so the graph asks for it itself; measured on
 * 144 channels of 32 x 32: forward 3 times, the kernel's gradient 20 times as fast as the plain operator.
 */
const BLOCKED = 'com.microsoft.nchwc'

/** The widest block that ONNX Runtime uses: AVX-512's. */
const WIDEST_BLOCK = 16

/**
 * Whether the blocked layout can be used. Elsewhere than on x64, ONNX Runtime's packages hold stubs in place of its kernels, which
 * leave their results unwritten; and planes must fill whole blocks. The plain operator gives the same, more slowly.
 */
function canUseBlocks(planeCount: number): boolean {
  return process.arch === 'x64' && planeCount % WIDEST_BLOCK === 0
}

/** A value in the blocked layout, where that is used; its shape is that of the plain one. */
interface Planes {
  value: Value
  height: number
  width: number
}

/**
 * A depthwise convolution with `kernel`, `[channels, 1, kh, kw]`. Each channel of each image is a plane of its own,
 * and every plane has its kernel: the batch becomes channels.
 *
 * The kernel's gradient is a convolution too: of the input's planes with the gradient's planes as kernels, spread
 * (dilated) by the stride. The input's gradient is the convolution of the gradient, zeros put between its pixels
 * where the stride is 2, with the kernel turned by half a turn.
 */
export function depthwiseConvolution(
  builder: GraphBuilder,
  input: Activation,
  kernel: Value,
  window: Window,
): Operation {
  const { channels, batch } = input
  const { kernelSize, stride } = window
  const [before, after] = window.padding
  const extent = convolvedExtent(input, window)
  const planeCount = channels * batch
  const taps = kernelSize ** 2

  const blocked = canUseBlocks(planeCount)

  const enter = (value: Value, height: number, width: number): Planes => {
    const shape = [1, planeCount, height, width]
    const plain = builder.reshape(value, shape)
    const entered = blocked ? builder.node('ReorderInput', [plain], shape, {}, { domain: BLOCKED }) : plain
    return { value: entered, height, width }
  }
  const leave = (planes: Planes): Value => {
    if (!blocked) return planes.value
    return builder.node(
      'ReorderOutput',
      [planes.value],
      [1, planeCount, planes.height, planes.width],
      { channels: { int: planeCount } },
      { domain: BLOCKED },
    )
  }
  const convolve = (
    planes: Planes,
    kernels: Planes,
    attributes: Record<string, AttributeValue>,
    height: number,
    width: number,
  ): Planes => ({
    value: builder.node(
      'Conv',
      [planes.value, builder.reshape(kernels.value, [planeCount, 1, kernels.height, kernels.width])],
      [1, planeCount, height, width],
      { ...attributes, group: { int: planeCount }, kernel_shape: { ints: [kernels.height, kernels.width] } },
      blocked ? { domain: BLOCKED } : {},
    ),
    height,
    width,
  })
  /** One kernel for each plane from one for each channel, `[channels, 1, taps]`. */
  const repeatKernels = (kernels: Value): Planes => {
    const repeated = builder.node(
      'Expand',
      [kernels, builder.integers([channels, batch, taps])],
      [channels, batch, taps],
    )
    return enter(repeated, kernelSize, kernelSize)
  }

  const kernels = builder.reshape(kernel, [channels, 1, taps])
  const planes = enter(input.value, input.height, input.width)
  const output = leave(
    convolve(
      planes,
      repeatKernels(kernels),
      { strides: { ints: [stride, stride] }, pads: { ints: [before, before, after, after] } },
      extent.height,
      extent.width,
    ),
  )

  return {
    output: { ...extent, value: output, channels },
    backward(gradient, needed) {
      const upstream = enter(gradient, extent.height, extent.width)
      const kernelGradients = leave(
        convolve(
          planes,
          upstream,
          { dilations: { ints: [stride, stride] }, pads: { ints: [before, before, after, after] } },
          kernelSize,
          kernelSize,
        ),
      )
      const kernelGradient = builder.node(
        'ReduceSum',
        [builder.reshape(kernelGradients, [channels, batch, taps]), builder.integers([1])],
        [channels, taps],
        { keepdims: { int: 0 } },
      )
      return {
        inputs: [needed > 0 ? inputGradient(gradient, upstream) : undefined],
        parameters: new Map([[kernel.name, kernelGradient]]),
      }
    },
  }

  function inputGradient(gradient: Value, upstream: Planes): Value {
    const turned = builder.node(
      'Slice',
      [
        kernels,
        builder.integers([taps - 1]),
        builder.integers([-taps - 1]),
        builder.integers([2]),
        builder.integers([-1]),
      ],
      [channels, 1, taps],
    )
    const spread = stride === 1 ? upstream : spreadByStride(gradient)
    // Zeros so that the result has the input's size: a full correlation, less what padded the input.
    const first = kernelSize - 1 - before
    const lastRow = input.height + kernelSize - 1 - spread.height - first
    const lastColumn = input.width + kernelSize - 1 - spread.width - first
    return leave(
      convolve(
        spread,
        repeatKernels(turned),
        { pads: { ints: [first, first, lastRow, lastColumn] } },
        input.height,
        input.width,
      ),
    )
  }

  /**
   * Zeros between the pixels and behind the last: each row of pixels times a matrix of zeros and ones, which also makes
   * the empty rows. A product costs a fraction of what padding every single pixel does.
   */
  function spreadByStride(gradient: Value): Planes {
    const width = extent.width * stride
    const rowLength = stride * width
    const selection = new Array<number>(extent.width * rowLength).fill(0)
    for (let x = 0; x < extent.width; x++) selection[x * rowLength + x * stride] = 1
    const rows = builder.reshape(gradient, [planeCount * extent.height, extent.width])
    const spread = builder.node(
      'MatMul',
      [rows, builder.constant(selection, [extent.width, rowLength])],
      [planeCount * extent.height, rowLength],
    )
    return enter(spread, extent.height * stride, width)
  }
}
