import type { GraphBuilder, Value } from '../graph-builder.ts'

/**
 * How activations lie in the training graph: channels first, then the batch, `[channels, batch, height, width]`.
 * So a channel of the whole batch is one contiguous row: batch statistics are row sums, and a 1x1 convolution,
 * its input's gradient and its kernel's gradient are one matrix product each.
 */
export interface Extent {
  batch: number
  height: number
  width: number
}

export interface Activation extends Extent {
  value: Value
  channels: number
}

/** Pixels of the batch: the columns of the matrix view of an activation. */
export function pixelCount(extent: Extent): number {
  return extent.batch * extent.height * extent.width
}

/** The matrix view, `[channels, batch * height * width]`. */
export function asMatrix(builder: GraphBuilder, activation: Activation): Value {
  return builder.reshape(activation.value, [activation.channels, pixelCount(activation)])
}

/** The four-dimensional view, `[channels, batch, height, width]`. */
export function asImages(builder: GraphBuilder, activation: Activation): Value {
  return builder.reshape(activation.value, [
    activation.channels,
    activation.batch,
    activation.height,
    activation.width,
  ])
}

/** Gradients by what they are the gradient of. */
export interface Gradients {
  /** One for each input of the operator; undefined where none is needed. */
  inputs: (Value | undefined)[]
  /** By the name of the parameter, in the parameter's own layout. */
  parameters: Map<string, Value>
}

/** An operator put into the training graph: its output, and how to put its gradient there. */
export interface Operation {
  output: Activation
  /**
   * @param gradient of the loss with respect to the output, in the output's layout
   * @param needed so many leading channels of the input need a gradient (of a concatenation: of the output); 0 where all
   * that lies before is frozen. An operator may give the gradient of all channels as soon as one is needed.
   */
  backward(gradient: Value, needed: number): Gradients
}
