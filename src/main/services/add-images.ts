import { CancelledError } from '../../model/errors.ts'
import type { ImageInfo } from '../../model/images/image-source.ts'
import { fileOf, joinAddress, splitAddress } from '../../preload/contract/image-address.ts'
import type { ImageWorkers } from '../compute/image-workers.ts'
import { toProblem } from '../to-problem.ts'
import { type AddRequest, findFilesToAdd } from './find-files-to-add.ts'
import { followMove } from './image-registry.ts'
import { inBatches, inOrder } from './in-order.ts'
import { type Progress, progressOf } from './progress.ts'
import type { Project } from './project.ts'

/** Files read at once: enough to keep a disk busy, and a network drive does not take all of Node's four file threads. */
const FILES_AT_ONCE = 3
/** Fields of plates are offered up to this many; of more, a person names those that are wanted. */
const MOST_FURTHER = 100_000

export interface AddedImages {
  kind: 'done'
  added: number
  /** In the project already. */
  known: number
  /** Known by their content, and found at a new place. */
  moved: number
  /** Files and sub-folders that cannot be read: they are on the project's list of refused files. */
  refused: number
  /** Label maps that lie beside their images, and were left out. */
  labelFiles: number
  /** Addresses of the further images in files that hold several, of which the first was added. */
  further: string[]
}

type ReadFile = { path: string } & ({ info: ImageInfo; fingerprint: string } | { refusal: unknown })

/**
 * Adds images to a project, a fifth of a second's worth in a transaction: where it is cancelled or killed, what was added
 * by then stays. One that is known by its content and has left its old path is taken for moved, and keeps its labels.
 * @throws SegscopeError `folder-unreadable`; CancelledError
 */
export async function* addImages(
  project: Project,
  workers: ImageWorkers,
  request: AddRequest,
  signal?: AbortSignal,
): AsyncGenerator<Progress | AddedImages> {
  const { images, labelFiles, unreadable } = await findFilesToAdd(request)
  // A file is known by each of its addresses, and by itself where anything of it is.
  const records = new Map(
    project.images.all().flatMap((image) => [
      [fileOf(image.path), image],
      [image.path, image],
    ]),
  )
  const unknown = images.filter((path) => !records.has(path))
  project.transaction(() => {
    for (const path of images) {
      const image = records.get(path)
      if (image?.missing === true) project.images.setMissing(image.id, false)
    }
    for (const error of unreadable) refuse(project, error.file as string, error)
  })
  const done = { known: images.length - unknown.length, added: 0, moved: 0, refused: unreadable.length }
  const further: string[] = []
  let looked = done.known
  for await (const batch of inBatches(
    inOrder(unknown, FILES_AT_ONCE, (path) => readFile(workers, path), signal),
  )) {
    project.transaction(() => {
      for (const file of batch) {
        const what = keep(project, file)
        done[what]++
        if (what === 'added') further.push(...furtherImages(file))
      }
    })
    looked += batch.length
    yield progressOf(looked, images.length, 'images')
  }
  if (signal?.aborted) throw new CancelledError()
  yield { kind: 'done', labelFiles, further: further.slice(0, MOST_FURTHER), ...done }
}

/** Where a person named one image of a file, that one is meant. */
function furtherImages(file: ReadFile): string[] {
  if ('refusal' in file || splitAddress(file.path).selection.image !== undefined) return []
  const { images = [], image } = file.info
  return images
    .filter((name) => name !== image)
    .map((name) => joinAddress(fileOf(file.path), { image: name }))
}

/** In a thread: a file that brings its reader down, or holds it up, is refused, and nothing else suffers. */
async function readFile(workers: ImageWorkers, path: string): Promise<ReadFile> {
  try {
    return { path, ...(await workers.run('identify', { path }, { urgency: 'thumbnail' })) }
  } catch (refusal) {
    return { path, refusal }
  }
}

/** @returns which of the counts it belongs to */
function keep(project: Project, file: ReadFile): 'added' | 'moved' | 'refused' | 'known' {
  const { path } = file
  if ('refusal' in file) {
    refuse(project, path, file.refusal)
    return 'refused'
  }
  const { fingerprint, info } = file
  // The other files of a set show the same image.
  if (info.parts?.some((part) => project.images.findByPath(part) !== undefined)) return 'known'
  const moved = followMove(project, path, fingerprint)
  project.refusedFiles.removePath(path)
  // One of which something was chosen is known already, and not what the file shows unasked.
  if (moved !== undefined && moved !== path) return 'moved'
  const { width, height, channels, pages, sampleType } = info
  project.images.save({ path, fingerprint, width, height, channels, pages, sampleType })
  return moved === undefined ? 'added' : 'moved'
}

function refuse(project: Project, path: string, reason: unknown): void {
  const { code, message, remedy } = toProblem(reason)
  project.refusedFiles.save({ path, code, message, remedy: remedy ?? null })
}
