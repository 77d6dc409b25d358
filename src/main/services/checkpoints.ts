import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { SegscopeError } from '../../model/errors.ts'
import type { Project } from './project.ts'
import { STARTING_NETWORK_ID, startingNetworkFile } from './starting-network.ts'

/**
 * The absolute path of the checkpoint that a user means: a checkpoint's id, an experiment's id (its best one, or its
 * last where it has no best), a file, or the network that comes with Segscope.
 * @throws SegscopeError `checkpoint-not-found`, with those there are; `checkpoint-file-missing`
 */
export function findCheckpointFile(reference: string, project: Project | undefined): string {
  const record = [reference, `${reference}-best`, `${reference}-last`]
    .map((id) => project?.checkpoints.find(id))
    .find((each) => each?.isDeleted === false)
  if (record !== undefined) {
    if (existsSync(record.file)) return record.file
    throw new SegscopeError('checkpoint-file-missing', `The file of checkpoint ${record.id} is gone.`, {
      file: record.file,
      remedy: 'Put it back there, or name the file where it is now.',
    })
  }
  const file = resolve(reference)
  if (existsSync(file) && statSync(file).isFile()) return file
  if (reference === STARTING_NETWORK_ID) return startingNetworkFile
  const known = project?.checkpoints.all().map((checkpoint) => checkpoint.id) ?? []
  throw new SegscopeError('checkpoint-not-found', `${reference} is neither a checkpoint nor a file.`, {
    remedy:
      project === undefined
        ? 'To name a checkpoint by its id, name its project too.'
        : known.length === 0
          ? 'The project has no checkpoints yet: train first.'
          : `The project has ${known.slice(-10).join(', ')}.`,
  })
}
