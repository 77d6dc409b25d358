import type { Checkpoint } from '../../../../preload/contract/experiments.ts'
import { meanDice } from '../curves/training-lines.ts'
import { experimentTitle } from './status-words.ts'

const kinds = { best: 'Best', last: 'Last', imported: 'Imported' }

/** Its name, or what it is: `Best of today, 14:05`. */
export function checkpointTitle(checkpoint: Checkpoint): string {
  const { id, kind, name } = checkpoint
  if (name !== undefined) return name
  return kind === 'imported' ? id : `${kinds[kind]} of ${experimentTitle(checkpoint)}`
}

/** The mean Dice of all classes but the background; undefined where none was measured. */
export function checkpointDice({ dice }: Checkpoint): number | undefined {
  return meanDice(dice.map((each) => each.dice)) ?? undefined
}
