import { existsSync } from 'node:fs'
import { classColour } from '../../model/classes/palette.ts'
import { SegscopeError } from '../../model/errors.ts'
import { type CheckpointHeader, readCheckpointHeader } from '../../model/weights/checkpoint.ts'
import type { CheckpointRecord } from '../database/repositories/checkpoints.ts'
import type { Project } from './project.ts'

/** A class as people know it; `colour`: `#rrggbb`. */
export interface NamedClass {
  name: string
  colour: string
}

/**
 * The classes of a checkpoint's network, the background first: those learnt in the project as the project calls and colours them
 * now, those of an imported one as its file does. Empty where that file is gone or cannot be read, which whoever uses it is told.
 */
export async function checkpointClasses(
  project: Project,
  { experiment, file }: Pick<CheckpointRecord, 'experiment' | 'file'>,
): Promise<NamedClass[]> {
  if (experiment !== undefined) return learntClasses(project, experiment)
  if (!existsSync(file)) return []
  try {
    return classesInFile(await readCheckpointHeader(file))
  } catch (thrown) {
    if (thrown instanceof SegscopeError) return []
    throw thrown
  }
}

function learntClasses(project: Project, experiment: string): NamedClass[] {
  const { plan, parameters } = project.experiments.get(experiment)
  const { classValues } = parameters
  const values = typeof classValues === 'string' ? classValues.split(',').map(Number) : []
  const present = new Map(project.information.classes().map((each) => [each.value, each]))
  return plan.classNames.map((name, index) => {
    const { name: nameNow = name, colour = classColour(index) } = present.get(values[index] ?? -1) ?? {}
    return { name: nameNow, colour }
  })
}

/** Files that were never exported, or before that carried colours, have those of the palette. */
export function classesInFile({ classes, plan }: CheckpointHeader): NamedClass[] {
  return classes ?? plan.classNames.map((name, index) => ({ name, colour: classColour(index) }))
}
