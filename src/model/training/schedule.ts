import type { Plan } from '../plan/plan.ts'

/** The learning rate ends at this share of its peak. */
const finalShare = 0.01

/**
 * Learning rate of a step: rises in equal steps to the peak, which the last warm-up step has, then follows half a
 * cosine down to a hundredth of it (Loshchilov and Hutter 2017, SGDR, without restarts).
 * @param step counted from 0
 */
export function learningRateAt(step: number, { steps, schedule }: Pick<Plan, 'steps' | 'schedule'>): number {
  const { peakLearningRate, warmUpSteps } = schedule
  if (step < warmUpSteps) return (peakLearningRate * (step + 1)) / warmUpSteps
  const progress = Math.min(1, (step - warmUpSteps) / Math.max(1, steps - warmUpSteps))
  const cosine = (1 + Math.cos(Math.PI * progress)) / 2
  return peakLearningRate * (finalShare + (1 - finalShare) * cosine)
}
