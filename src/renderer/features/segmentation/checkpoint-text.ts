import type { Checkpoint } from '../../../preload/contract/experiments.ts'

/** Mean Dice of all classes but the background; undefined where it was not measured. */
export function meanDice({ dice }: Checkpoint): number | undefined {
  const scores = dice.slice(1).flatMap((each) => each.dice ?? [])
  return scores.length === 0 ? undefined : scores.reduce((sum, score) => sum + score, 0) / scores.length
}

/** `best of the training 2026-11-23-a1b2`, or what the person called it. */
export function checkpointTitle({ name, id, experiment, kind }: Checkpoint): string {
  if (name !== undefined) return name
  if (experiment === undefined) return `${id}, imported`
  return `${kind === 'best' ? 'best' : 'last'} of the training ${experiment}`
}
