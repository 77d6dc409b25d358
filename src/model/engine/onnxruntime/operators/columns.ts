import type { GraphBuilder, Value } from '../graph-builder.ts'
import { type Activation, asImages, type Extent, pixelCount } from './operator.ts'

/** How a kernel walks over an image. */
export interface Window {
  kernelSize: number
  stride: number
  /** Zeros before and after, in both directions. */
  padding: readonly [before: number, after: number]
}

/** The extent of a convolution's output. */
export function convolvedExtent(input: Extent, window: Window): Extent {
  const convolve = (size: number): number =>
    Math.floor((size + window.padding[0] + window.padding[1] - window.kernelSize) / window.stride) + 1
  return { batch: input.batch, height: convolve(input.height), width: convolve(input.width) }
}

/**
 * What each output pixel of a convolution sees, as the columns of a matrix (im2col):
 * `[channels * kernelSize², output pixels]`, rows in the order channel, y, x of the kernel.
 */
export function imageToColumns(builder: GraphBuilder, input: Activation, window: Window): Value {
  const { kernelSize, stride, padding } = window
  const [before, after] = padding
  const extent = convolvedExtent(input, window)
  const padded = builder.node(
    'Pad',
    [asImages(builder, input), builder.integers([0, 0, before, before, 0, 0, after, after])],
    [input.channels, input.batch, input.height + before + after, input.width + before + after],
  )
  const slice = (value: Value, starts: number[], ends: number[], steps: number[], shape: number[]): Value =>
    builder.node(
      'Slice',
      [
        value,
        builder.integers(starts),
        builder.integers(ends),
        builder.integers([2, 3]),
        builder.integers(steps),
      ],
      [input.channels, input.batch, ...shape],
    )
  // Every stride-th column is picked once for each remainder, pixel by pixel; the taps then copy whole rows of these.
  const rows = input.height + before + after
  const picked = Array.from({ length: Math.min(stride, kernelSize) }, (_, remainder) => {
    const width = Math.ceil((input.width + before + after - remainder) / stride)
    const end = remainder + stride * (width - 1) + 1
    return stride === 1 ? padded : slice(padded, [0, remainder], [rows, end], [1, stride], [rows, width])
  })
  const pixels = pixelCount(extent)
  const taps: Value[] = []
  for (let y = 0; y < kernelSize; y++) {
    for (let x = 0; x < kernelSize; x++) {
      const columns = picked[x % stride] as Value
      const start = Math.floor(x / stride)
      const ends = [y + stride * (extent.height - 1) + 1, start + extent.width]
      const tap = slice(columns, [y, start], ends, [stride, 1], [extent.height, extent.width])
      taps.push(builder.reshape(tap, [input.channels, 1, pixels]))
    }
  }
  const columns = builder.node('Concat', taps, [input.channels, taps.length, pixels], { axis: { int: 1 } })
  return builder.reshape(columns, [input.channels * taps.length, pixels])
}
