import type { GraphBuilder, Value } from '../graph-builder.ts'
import { type Activation, asMatrix, pixelCount } from './operator.ts'

/** The logits and labels of a batch as the losses see them; all `[classes, pixels]`. */
export interface LabelledLogits {
  classes: number
  pixels: number
  probabilities: Value
  logProbabilities: Value
  /** 1 at a pixel's labelled class, 0 elsewhere: a column of zeros where it is not labelled. */
  matches: Value
}

/** A loss and its gradient with respect to the logits, `[classes, pixels]`. */
export interface Loss {
  loss: Value
  gradient: Value
}

/** Softmax and one-hot labels, once for all losses. */
export function labelledLogits(builder: GraphBuilder, logits: Activation, labels: Value): LabelledLogits {
  const classes = logits.channels
  const pixels = pixelCount(logits)
  const full = [classes, pixels]
  const row = [1, pixels]
  const matrix = asMatrix(builder, logits)
  const largest = builder.node('ReduceMax', [matrix], row, { axes: { ints: [0] } })
  const shifted = builder.node('Sub', [matrix, largest], full)
  const exponentials = builder.node('Exp', [shifted], full)
  const total = builder.node('ReduceSum', [exponentials, builder.integers([0])], row)
  const numbers = builder.node('Cast', [builder.reshape(labels, row)], row, { to: { int: 1 } })
  const indices = builder.constant(
    Array.from({ length: classes }, (_, index) => index),
    [classes, 1],
  )
  return {
    classes,
    pixels,
    probabilities: builder.node('Div', [exponentials, total], full),
    logProbabilities: builder.node('Sub', [shifted, builder.node('Log', [total], row)], full),
    matches: builder.node('Cast', [builder.node('Equal', [numbers, indices], full)], full, {
      to: { int: 1 },
    }),
  }
}
