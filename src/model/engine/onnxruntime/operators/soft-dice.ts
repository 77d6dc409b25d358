import type { GraphBuilder, Value } from '../graph-builder.ts'
import type { LabelledLogits, Loss } from './labelled-logits.ts'

/** Pixels added above and below the line: a class that a batch hardly has must not swing between 0 and 1. */
const smoothing = 1

/**
 * `weight * (1 - mean over the classes of Dice)`, Dice of a class being `(2 sum(p t) + 1) / (sum(p) + sum(t) + 1)`
 * over the labelled pixels of the whole batch, with probabilities p and labels t (Milletari et al. 2016, V-Net; the
 * sum over the batch and the smoothing are nnU-Net's). It judges a class by its overlap whatever its share of the pixels,
 * where cross-entropy judges pixel by pixel. Every class takes part: which one is the background is not known
 * here, and a large class has hardly any gradient.
 */
export function softDice(
  builder: GraphBuilder,
  { classes, pixels, probabilities, matches }: LabelledLogits,
  weight: number,
): Loss {
  const full = [classes, pixels]
  const column = [classes, 1]
  const row = [1, pixels]
  const overClasses = builder.integers([0])
  const overPixels = builder.integers([1])
  const multiply = (left: Value, right: Value, shape: readonly number[]): Value =>
    builder.node('Mul', [left, right], shape)
  const sumOf = (value: Value): Value => builder.node('ReduceSum', [value, overPixels], column)

  const labelled = builder.node('ReduceSum', [matches, overClasses], row)
  const counted = multiply(probabilities, labelled, full)
  const both = sumOf(multiply(counted, matches, full))
  const smooth = builder.constant([smoothing])
  const numerator = builder.node('Add', [multiply(both, builder.constant([2]), column), smooth], column)
  const sizes = builder.node('Add', [sumOf(counted), sumOf(matches)], column)
  const denominator = builder.node('Add', [sizes, smooth], column)
  const dice = builder.node('Div', [numerator, denominator], column)
  const share = builder.constant([weight / classes])
  const total = builder.node('ReduceSum', [dice, builder.integers([0, 1])], [], { keepdims: { int: 0 } })
  const loss = builder.node('Sub', [builder.constant([weight]), multiply(total, share, [])], [])

  // Of the loss by p: (dice - 2 t) / denominator * weight / classes, on labelled pixels; then through the softmax.
  const scale = builder.node('Div', [share, denominator], column)
  const twice = multiply(matches, builder.constant([2]), full)
  const byProbability = multiply(builder.node('Sub', [dice, twice], full), scale, full)
  const weighted = multiply(counted, byProbability, full)
  const mean = builder.node('ReduceSum', [weighted, overClasses], row)
  return { loss, gradient: builder.node('Sub', [weighted, multiply(counted, mean, full)], full) }
}
