import { basename } from 'node:path'
import { CancelledError } from '../../model/errors.ts'
import { fileOf } from '../../preload/contract/image-address.ts'
import type { ImageRecord } from '../database/repositories/images.ts'
import { listImages } from '../imaging/list-images.ts'
import { fingerprintImage } from './content-fingerprint.ts'
import { findMissingImages, movedTo } from './image-registry.ts'
import { inBatches, inOrder } from './in-order.ts'
import { type Progress, progressOf } from './progress.ts'
import type { Project } from './project.ts'

const FILES_AT_ONCE = 3

export interface RelocatedImages {
  kind: 'done'
  found: number
  /** Still. */
  missing: number
}

/**
 * Looks for a project's missing images in a folder and its sub-folders, by their content; files that still have the name
 * of one come first. What is found by the time of a cancelling is kept.
 * @param onMoved is told the images of a batch once they are saved
 * @throws SegscopeError `folder-unreadable`; CancelledError
 */
export async function* relocateImages(
  project: Project,
  folder: string,
  onMoved: (ids: number[]) => void,
  signal?: AbortSignal,
): AsyncGenerator<Progress | RelocatedImages> {
  const { missing } = await findMissingImages(project, signal)
  const wanted = Map.groupBy(missing, ({ fingerprint }) => fileOf(fingerprint))
  let left = missing.length
  const candidates = await listCandidates(project, folder, missing)
  const allFound = new AbortController()
  const until = AbortSignal.any([allFound.signal, ...(signal === undefined ? [] : [signal])])
  const read = async (path: string) => ({ path, fingerprint: await fingerprintIfReadable(path) })
  let looked = 0
  for await (const batch of inBatches(inOrder(candidates, FILES_AT_ONCE, read, until))) {
    const moved = project.transaction(() =>
      batch.flatMap(({ path, fingerprint }) => {
        const image = takeOne(wanted, fingerprint, path)
        if (image === undefined) return []
        project.images.move(image.id, movedTo(image, path))
        return image.id
      }),
    )
    if (moved.length > 0) onMoved(moved)
    left -= moved.length
    if (left === 0) allFound.abort()
    looked += batch.length
    yield progressOf(looked, candidates.length, 'files')
  }
  if (signal?.aborted) throw new CancelledError()
  yield { kind: 'done', found: missing.length - left, missing: left }
}

async function listCandidates(
  project: Project,
  folder: string,
  missing: readonly ImageRecord[],
): Promise<string[]> {
  if (missing.length === 0) return []
  const names = new Set(missing.map(({ path }) => basename(fileOf(path))))
  const known = new Set(project.images.all().map(({ path }) => fileOf(path)))
  // Nothing in a sub-folder that cannot be read could be opened.
  const files = await listImages(folder, { onUnreadable: () => undefined })
  const unknown = files.filter((file) => !known.has(file))
  return [
    ...unknown.filter((file) => names.has(basename(file))),
    ...unknown.filter((file) => !names.has(basename(file))),
  ]
}

/** A file that cannot be read is none that is looked for. */
async function fingerprintIfReadable(path: string): Promise<string | undefined> {
  return await fingerprintImage(path).catch(() => undefined)
}

/** One of the images of a content, the one of the file's name first; it is wanted no more then. */
function takeOne(
  wanted: Map<string, ImageRecord[]>,
  fingerprint: string | undefined,
  path: string,
): ImageRecord | undefined {
  const images = fingerprint === undefined ? undefined : wanted.get(fingerprint)
  if (images === undefined) return undefined
  const sameName = images.findIndex((image) => basename(fileOf(image.path)) === basename(path))
  return images.splice(Math.max(0, sameName), 1)[0]
}
