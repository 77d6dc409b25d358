import { type Checkpoint, readCheckpoint } from '../../model/weights/checkpoint.ts'
import type { WrittenClass } from '../imaging/label-writers/written-labels.ts'
import { findCheckpointFile } from '../services/checkpoints.ts'
import { checkpointClassesToWrite } from '../services/network-classes.ts'
import { openProjectReadOnly } from '../services/project.ts'

/** Reads the checkpoint that a user named: by its id, its experiment's id, or its file; with its classes as they are written. */
export async function readNamedCheckpoint(
  reference: string,
  projectFolder: string | undefined,
): Promise<Checkpoint & { file: string; classes: readonly WrittenClass[] }> {
  const project =
    projectFolder === undefined
      ? undefined
      : await openProjectReadOnly(projectFolder, { door: 'command line' })
  try {
    const file = findCheckpointFile(reference, project)
    const checkpoint = await readCheckpoint(file)
    const classes = await checkpointClassesToWrite(project, file, checkpoint.header)
    return { ...checkpoint, file, classes }
  } finally {
    project?.close()
  }
}
