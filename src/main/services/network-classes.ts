import { classColour } from '../../model/classes/palette.ts'
import type { CheckpointHeader } from '../../model/weights/checkpoint.ts'
import type { WrittenClass } from '../imaging/label-writers/written-labels.ts'
import { checkpointClasses, classesInFile } from './checkpoint-classes.ts'
import type { Project } from './project.ts'

/** The classes of a network as writers show them, by value; without names they are numbered. */
export function networkClasses(count: number, names: readonly string[] = []): WrittenClass[] {
  return Array.from({ length: count }, (_, value) => ({
    value,
    name: names[value] ?? `class ${value}`,
    colour: classColour(value),
  }))
}

/**
 * The classes of a checkpoint as they are written: those learnt in the project as it calls and colours them now, others as
 * the checkpoint's file does.
 */
export async function checkpointClassesToWrite(
  project: Project | undefined,
  file: string,
  header: CheckpointHeader,
): Promise<WrittenClass[]> {
  const record = project?.checkpoints.all().find((each) => each.file === file)
  const classes =
    project === undefined || record?.experiment === undefined
      ? classesInFile(header)
      : await checkpointClasses(project, record)
  return classes.map(({ name, colour }, value) => ({ value, name, colour }))
}
