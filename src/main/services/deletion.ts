import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { SegscopeError } from '../../model/errors.ts'
import type { DeletedItem, Deletion } from '../database/repositories/deletions.ts'
import type { Project } from './project.ts'
import { checkpointsOf, filesOf, millisecondsToRestore, removePurgedFiles } from './purge.ts'
import { stateFileOf } from './state-file.ts'

/** What is deleted, and what purging it would free. */
export interface DeletionSummary extends Deletion {
  bytes: number
  /** When it is purged. */
  until: string
  created: string
  name?: string
}

/**
 * Hides an experiment with its checkpoints, or a checkpoint. Its files stay until it is purged.
 * @param inUse files and experiments that running work needs, see `JobList.uses`
 * @throws SegscopeError `in-use` with what uses it; `experiment-not-found`, `checkpoint-not-found`
 */
export function deleteItem(project: Project, item: DeletedItem, inUse: ReadonlySet<string>): void {
  const checkpoints = checkpointsOf(project, item)
  if (item.kind === 'experiment') {
    const { status } = project.experiments.get(item.id)
    if (status === 'running' || inUse.has(item.id)) throw isInUse('It is being trained.')
  } else if (checkpoints.length === 0) {
    throw new SegscopeError('checkpoint-not-found', `The project has no checkpoint ${item.id}.`, {
      remedy: 'Look at the list again.',
    })
  }
  for (const { file, experiment } of checkpoints) {
    if (inUse.has(file)) throw isInUse('Work that is running predicts with it or starts from it.')
    // A training writes its checkpoints anew as it goes on.
    if (experiment !== undefined && inUse.has(experiment)) throw isInUse('Its experiment is being trained.')
    const waiting = startsFrom(project, file, item)
    if (waiting !== undefined) {
      throw isInUse(`Experiment ${waiting} was interrupted at its very start, and would begin from it again.`)
    }
  }
  project.deletions.mark(item)
}

/** Newest first. */
export async function deletedItems(project: Project): Promise<DeletionSummary[]> {
  return await Promise.all(
    project.deletions.list().map(async (deletion) => {
      const sizes = await Promise.all(
        filesOf(project, deletion)
          .filter((file) => existsSync(file))
          .map(async (file) => (await stat(file)).size),
      )
      const { kind, id, deleted } = deletion
      const name = kind === 'checkpoint' ? project.checkpoints.find(id)?.name : undefined
      return {
        ...deletion,
        bytes: sizes.reduce((sum, size) => sum + size, 0),
        until: new Date(Date.parse(deleted) + millisecondsToRestore).toISOString(),
        created:
          (kind === 'experiment' ? project.experiments.get(id) : project.checkpoints.find(id))?.created ??
          deleted,
        ...(name !== undefined && { name }),
      }
    }),
  )
}

/**
 * Ends the chance to bring these back, and removes their files. That they are purged is kept first: files that a killed
 * process has left are removed when the project is opened again, and never half of what can be brought back.
 * @returns bytes freed
 * @throws SegscopeError where a file cannot be removed
 */
export async function purgeItems(project: Project, items: readonly DeletedItem[]): Promise<number> {
  const known = await deletedItems(project)
  const purged = known.filter(({ kind, id }) => items.some((item) => item.kind === kind && item.id === id))
  project.transaction(() => {
    for (const item of purged) project.deletions.purge(item)
  })
  await removePurgedFiles(project)
  return purged.reduce((sum, { bytes }) => sum + bytes, 0)
}

/** An experiment that has no state to go on from, and would read these weights again. */
function startsFrom(project: Project, file: string, { kind, id }: DeletedItem): string | undefined {
  return project.experiments.list().find((other) => {
    if (kind === 'experiment' && other.id === id) return false
    if (!['queued', 'running', 'interrupted'].includes(other.status)) return false
    if (existsSync(stateFileOf(project.checkpointsFolder, other.id))) return false
    return project.experiments.get(other.id).parameters['weights'] === file
  })?.id
}

function isInUse(why: string): SegscopeError {
  return new SegscopeError('in-use', `This cannot be deleted now. ${why}`, {
    remedy: 'Wait until that has ended, or stop it first.',
  })
}
