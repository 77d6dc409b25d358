import { type GraphBuilder, output, type Value } from './graph-builder.ts'
import { softDice } from './soft-dice.ts'
import type { Activation } from './training-layers.ts'

/** What is fed of the labels, `[pixels]` each; `weigh-pixels.ts` makes it. */
export interface LabelValues {
  /** Integers below the number of classes. */
  labels: Value
  /** Of each pixel's loss; the weighted mean's where they are shares of their sum. */
  pixelWeights: Value
  /** 1 or 0; asked for where soft Dice has a weight. */
  labelled: () => Value
}

/**
 * What training minimises: weighted cross-entropy, and soft Dice beside it where it has a weight.
 * @returns the loss, a scalar, and its gradient with respect to the logits
 */
export function segmentationLoss(
  builder: GraphBuilder,
  logits: Activation,
  { labels, pixelWeights, labelled }: LabelValues,
  diceWeight: number,
): { loss: Value; gradient: Value } {
  const float = { T: { type: 'float' } } as const
  const [batch, height, width, classes] = logits.shape
  const pixels = batch * height * width
  const matrix = builder.reshape(logits.value, [pixels, classes])
  const losses = builder.node('SparseSoftmaxCrossEntropyWithLogits', [matrix, labels], {
    ...float,
    Tlabels: { type: 'int32' },
  })
  const entropy = builder.node('Sum', [builder.binary('Mul', losses, pixelWeights), builder.integers([0])], {
    ...float,
    Tidx: { type: 'int32' },
    keep_dims: { boolean: false },
  })
  const gradient = builder.binary('Mul', output(losses, 1), builder.reshape(pixelWeights, [pixels, 1]))
  if (diceWeight === 0) return { loss: entropy, gradient: builder.reshape(gradient, logits.shape) }
  const dice = softDice(builder, { logits: matrix, labels, labelled: labelled(), classes }, diceWeight)
  return {
    loss: builder.binary('AddV2', entropy, dice.loss),
    gradient: builder.reshape(builder.binary('AddV2', gradient, dice.gradient), logits.shape),
  }
}
