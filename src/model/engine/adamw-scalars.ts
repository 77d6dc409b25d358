import type { TrainerOptions } from './engine.ts'

/**
 * What an AdamW step takes beside the state, with the bias corrections of Adam (Kingma and Ba 2015, section 2, in the
 * order that its authors call more efficient) and decoupled weight decay (Loshchilov and Hutter 2019).
 * @param step counted from 1
 */
export function adamWScalars(
  step: number,
  learningRate: number,
  { beta1, beta2, epsilon, weightDecay }: Pick<TrainerOptions, 'beta1' | 'beta2' | 'epsilon' | 'weightDecay'>,
): { decay: number; stepSize: number; epsilon: number } {
  const secondCorrection = Math.sqrt(1 - beta2 ** step)
  return {
    decay: 1 - learningRate * weightDecay,
    stepSize: (learningRate * secondCorrection) / (1 - beta1 ** step),
    epsilon: epsilon * secondCorrection,
  }
}
