import type { GraphBuilder, Value } from '../graph-builder.ts'
import { type Activation, asMatrix, pixelCount } from './operator.ts'

/**
 * Mean cross-entropy of the logits over the labelled pixels, weighted by class: sum(weight * loss) / sum(weight), as
 * PyTorch's `CrossEntropyLoss` with `weight` and `ignore_index`. A batch without a labelled pixel has loss and gradient 0.
 * @param labels `[batch, height, width]`, 8-bit; a value that is no class (255) is not labelled
 * @returns the loss, a scalar, and its gradient with respect to the logits, `[classes, pixels]`
 */
export function crossEntropy(
  builder: GraphBuilder,
  logits: Activation,
  labels: Value,
  classWeights: readonly number[],
): { loss: Value; gradient: Value } {
  const classes = logits.channels
  const pixels = pixelCount(logits)
  const full = [classes, pixels]
  const row = [1, pixels]
  const overClasses = builder.integers([0])
  const column = (values: readonly number[]): Value => builder.constant(values, [classes, 1])

  const matrix = asMatrix(builder, logits)
  const largest = builder.node('ReduceMax', [matrix], row, { axes: { ints: [0] } })
  const shifted = builder.node('Sub', [matrix, largest], full)
  const exponentials = builder.node('Exp', [shifted], full)
  const total = builder.node('ReduceSum', [exponentials, overClasses], row)
  const probabilities = builder.node('Div', [exponentials, total], full)
  const logProbabilities = builder.node('Sub', [shifted, builder.node('Log', [total], row)], full)

  const numbers = builder.node('Cast', [builder.reshape(labels, row)], row, { to: { int: 1 } })
  const indices = column(classWeights.map((_, index) => index))
  const matches = builder.node('Cast', [builder.node('Equal', [numbers, indices], full)], full, {
    to: { int: 1 },
  })
  const targets = builder.node('Mul', [matches, column(classWeights)], full)
  const pixelWeights = builder.node('ReduceSum', [targets, overClasses], row)
  const sum = (value: Value): Value =>
    builder.node('ReduceSum', [value, builder.integers([0, 1])], [], { keepdims: { int: 0 } })
  const totalWeight = builder.node('Max', [sum(pixelWeights), builder.constant([1e-12])], [])

  const weighted = sum(builder.node('Mul', [targets, logProbabilities], full))
  const loss = builder.node('Neg', [builder.node('Div', [weighted, totalWeight], [])], [])
  const difference = builder.node(
    'Sub',
    [builder.node('Mul', [probabilities, pixelWeights], full), targets],
    full,
  )
  return { loss, gradient: builder.node('Div', [difference, totalWeight], full) }
}
