import type { GraphBuilder, Value } from '../graph-builder.ts'
import { crossEntropy } from './cross-entropy.ts'
import { labelledLogits, type Loss } from './labelled-logits.ts'
import type { Activation } from './operator.ts'
import { softDice } from './soft-dice.ts'

/**
 * What training minimises: weighted cross-entropy, and soft Dice beside it where it has a weight.
 * @param labels `[batch, height, width]`, 8-bit; a value that is no class (255) is not labelled
 */
export function segmentationLoss(
  builder: GraphBuilder,
  logits: Activation,
  labels: Value,
  { classWeights, diceWeight }: { classWeights: readonly number[]; diceWeight: number },
): Loss {
  const labelled = labelledLogits(builder, logits, labels)
  const entropy = crossEntropy(builder, labelled, classWeights)
  if (diceWeight === 0) return entropy
  const dice = softDice(builder, labelled, diceWeight)
  return {
    loss: builder.node('Add', [entropy.loss, dice.loss], []),
    gradient: builder.node('Add', [entropy.gradient, dice.gradient], entropy.gradient.shape),
  }
}
