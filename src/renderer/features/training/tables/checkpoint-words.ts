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

/** As `checkpointTitle`, of one of which only its id is known; by that where nothing tells its experiment. */
export function deletedCheckpointTitle(id: string, experiments: readonly ExperimentRow[]): string {
  for (const kind of ['best', 'last'] as const) {
    const made = experiments.find((each) => `${each.id}-${kind}` === id)
    if (made !== undefined) return `${kinds[kind]} of ${experimentTitle(made)}`
  }
  return `Checkpoint ${id}`
}

/** The mean Dice of all classes but the background; undefined where none was measured. */
export function checkpointDice({ dice }: Checkpoint): number | undefined {
  return meanDice(dice.map((each) => each.dice)) ?? undefined
}
