import type { GraphBuilder, Value } from './graph-builder.ts'

/** Pixels added above and below the line, as in the other engine's `soft-dice.ts`. */
const smoothing = 1

/**
 * `weight * (1 - mean over the classes of Dice)`; the other engine's `soft-dice.ts` says what and why.
 * @param logits `[pixels, classes]`
 * @param labels `[pixels]`, integers
 * @param labelled `[pixels]`, 1 or 0
 * @returns the loss, a scalar, and its gradient with respect to the logits, `[pixels, classes]`
 */
export function softDice(
  builder: GraphBuilder,
  { logits, labels, labelled, classes }: { logits: Value; labels: Value; labelled: Value; classes: number },
  weight: number,
): { loss: Value; gradient: Value } {
  const float = { T: { type: 'float' } } as const
  const multiply = (left: Value, right: Value): Value => builder.binary('Mul', left, right)
  const add = (left: Value, right: Value): Value => builder.binary('AddV2', left, right)
  const sum = (value: Value, axis: number, keep: boolean): Value =>
    builder.node('Sum', [value, builder.integers([axis])], {
      ...float,
      Tidx: { type: 'int32' },
      keep_dims: { boolean: keep },
    })

  const column = builder.reshape(labelled, [-1, 1])
  const oneHot = builder.node(
    'OneHot',
    [labels, builder.integers(classes), builder.constant(1), builder.constant(0)],
    { ...float, TI: { type: 'int32' }, axis: { int: -1 } },
  )
  const matches = multiply(oneHot, column)
  const counted = multiply(builder.node('Softmax', [logits], float), column)
  const both = sum(multiply(counted, matches), 0, false)
  const smooth = builder.constant(smoothing)
  const numerator = add(multiply(both, builder.constant(2)), smooth)
  const denominator = add(add(sum(counted, 0, false), sum(matches, 0, false)), smooth)
  const dice = builder.binary('RealDiv', numerator, denominator)
  const share = builder.constant(weight / classes)
  const loss = builder.binary('Sub', builder.constant(weight), multiply(sum(dice, 0, false), share))

  // Of the loss by the probabilities: (dice - 2 t) / denominator * weight / classes; then through the softmax.
  const difference = builder.binary('Sub', dice, multiply(matches, builder.constant(2)))
  const byProbability = multiply(difference, builder.binary('RealDiv', share, denominator))
  const weighted = multiply(counted, byProbability)
  const mean = sum(weighted, 1, true)
  return { loss, gradient: builder.binary('Sub', weighted, multiply(counted, mean)) }
}
