import type { Checkpoint, ExperimentRow } from '../../../../preload/contract/experiments.ts'
import { meanDice } from '../curves/training-lines.ts'
import { experimentTitle } from './status-words.ts'

const kinds = { best: 'Best', last: 'Last', imported: 'Imported' }

/** Its name, or of which experiment it is: `Best of today, 14:05`. */
export function checkpointTitle(
  { id, kind, name, experiment, created }: Checkpoint,
  experiments: readonly ExperimentRow[],
): string {
  if (name !== undefined) return name
  return kind === 'imported'
    ? id
    : `${kinds[kind]} of ${experimentTitle(experiments.find((each) => each.id === experiment) ?? { created })}`
}

/** The mean Dice of all classes but the background; undefined where none was measured. */
export function checkpointDice({ dice }: Checkpoint): number | undefined {
  return meanDice(dice.map((each) => each.dice)) ?? undefined
}
