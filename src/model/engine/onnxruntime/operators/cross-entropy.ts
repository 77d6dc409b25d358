import type { GraphBuilder, Value } from '../graph-builder.ts'
import type { LabelledLogits, Loss } from './labelled-logits.ts'

/**
 * Mean cross-entropy of the logits over the labelled pixels, weighted by class: sum(weight * loss) / sum(weight), as
 * PyTorch's `CrossEntropyLoss` with `weight` and `ignore_index`. A batch without a labelled pixel has loss and gradient 0.
 */
export function crossEntropy(
  builder: GraphBuilder,
  { classes, pixels, probabilities, logProbabilities, matches }: LabelledLogits,
  classWeights: readonly number[],
): Loss {
  const full = [classes, pixels]
  const targets = builder.node('Mul', [matches, builder.constant(classWeights, [classes, 1])], full)
  const pixelWeights = builder.node('ReduceSum', [targets, builder.integers([0])], [1, pixels])
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
