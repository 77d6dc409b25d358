import { existsSync } from 'node:fs'
import { rm, stat } from 'node:fs/promises'
import { outputError } from '../imaging/write-errors.ts'
import { deleteItem } from './deletion.ts'
import type { Project } from './project.ts'
import { stateFileOf } from './state-file.ts'

export interface Removable {
  file: string
  bytes: number
  why: string
  experiment: string
  /** Which can be brought back; undefined: a state, of which nothing could be made any more. */
  checkpoint: string | undefined
}

/**
 * What can go without losing a result: states of runs that have finished (they cannot be resumed), and the last weights
 * of finished runs that have better ones. Starred checkpoints and running experiments are never among them.
 */
export async function removableFiles(project: Project): Promise<Removable[]> {
  const removable: Removable[] = []
  for (const { id, status } of project.experiments.list()) {
    if (status !== 'finished') continue
    const state = stateFileOf(project.checkpointsFolder, id)
    if (existsSync(state)) {
      removable.push({
        file: state,
        bytes: (await stat(state)).size,
        why: 'The training has finished: there is nothing to resume.',
        experiment: id,
        checkpoint: undefined,
      })
    }
    const last = project.checkpoints.find(`${id}-last`)
    const best = project.checkpoints.find(`${id}-best`)
    // A last one is all there is where the best is deleted.
    if (last?.isDeleted !== false || best?.isDeleted !== false) continue
    if (last.starred || !existsSync(last.file)) continue
    removable.push({
      file: last.file,
      bytes: (await stat(last.file)).size,
      why: 'The best of the same training stays.',
      experiment: id,
      checkpoint: last.id,
    })
  }
  return removable
}

/**
 * Deletes what `removableFiles` names; other files are left alone. Checkpoints can be brought back for a while, see `deleteItem`;
 * states go at once.
 * @param inUse see `deleteItem`
 * @returns bytes that are free now, and the checkpoints that are deleted
 * @throws SegscopeError `in-use`, where nothing is deleted; where a state cannot be removed
 */
export async function cleanUp(
  project: Project,
  files: readonly string[],
  inUse: ReadonlySet<string>,
): Promise<{ freed: number; checkpoints: string[] }> {
  const chosen = (await removableFiles(project)).filter(({ file }) => files.includes(file))
  const checkpoints = chosen.flatMap(({ checkpoint }) => checkpoint ?? [])
  project.transaction(() => {
    for (const id of checkpoints) deleteItem(project, { kind: 'checkpoint', id }, inUse)
  })
  let freed = 0
  for (const { file, bytes, checkpoint } of chosen) {
    if (checkpoint !== undefined) continue
    try {
      await rm(file)
    } catch (thrown) {
      throw outputError(file, thrown)
    }
    freed += bytes
  }
  return { freed, checkpoints }
}
