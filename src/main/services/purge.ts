import { rm } from 'node:fs/promises'
import type { CheckpointRecord, CheckpointRepository } from '../database/repositories/checkpoints.ts'
import type { DeletedItem, DeletionRepository } from '../database/repositories/deletions.ts'
import { outputError } from '../imaging/write-errors.ts'
import { stateFileOf } from './state-file.ts'

/** So long what is deleted can be brought back, unless a person purges it earlier. */
export const millisecondsToRestore = 7 * 24 * 3_600_000

/** What of a project is purged. */
interface PurgedProject {
  checkpointsFolder: string
  checkpoints: CheckpointRepository
  deletions: DeletionRepository
  transaction<Result>(work: () => Result): Result
}

/**
 * For a project that is opened: purges what was deleted long ago, and removes what an earlier purge has left.
 * @throws SegscopeError where a file cannot be removed
 */
export async function purgeOld(project: PurgedProject, now = Date.now()): Promise<void> {
  const limit = now - millisecondsToRestore
  const old = project.deletions.list().filter(({ deleted }) => Date.parse(deleted) < limit)
  project.transaction(() => {
    for (const item of old) project.deletions.purge(item)
  })
  await removePurgedFiles(project)
}

/** @throws SegscopeError where a file cannot be removed */
export async function removePurgedFiles(project: PurgedProject): Promise<void> {
  for (const item of project.deletions.purged()) {
    for (const file of filesOf(project, item)) {
      try {
        await rm(file, { force: true })
      } catch (thrown) {
        throw outputError(file, thrown)
      }
    }
  }
}

/** A checkpoint, or those that go with an experiment. */
export function checkpointsOf(project: PurgedProject, { kind, id }: DeletedItem): CheckpointRecord[] {
  const ids = kind === 'checkpoint' ? [id] : [`${id}-best`, `${id}-last`]
  return ids.flatMap((each) => project.checkpoints.find(each) ?? [])
}

/** All that is removed with it. */
export function filesOf(project: PurgedProject, item: DeletedItem): string[] {
  const files = checkpointsOf(project, item).map(({ file }) => file)
  return item.kind === 'experiment' ? [...files, stateFileOf(project.checkpointsFolder, item.id)] : files
}
