import { type Checkpoint, readCheckpoint } from '../../model/weights/checkpoint.ts'
import { findCheckpointFile } from '../services/checkpoints.ts'
import { openProjectReadOnly } from '../services/project.ts'

/** Reads the checkpoint that a user named: by its id, its experiment's id, or its file. */
export async function readNamedCheckpoint(
  reference: string,
  projectFolder: string | undefined,
): Promise<Checkpoint & { file: string }> {
  const project =
    projectFolder === undefined
      ? undefined
      : await openProjectReadOnly(projectFolder, { door: 'command line' })
  try {
    const file = findCheckpointFile(reference, project)
    return { ...(await readCheckpoint(file)), file }
  } finally {
    project?.close()
  }
}
