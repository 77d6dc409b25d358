import { resolve } from 'node:path'
import { SegscopeError } from '../../model/errors.ts'
import type { LabelValues } from '../imaging/read-label-map.ts'
import type { ImageWorkers } from '../compute/image-workers.ts'
import type { ResultImageRecord } from '../database/repositories/results.ts'
import { interpretValues, spreadFiles } from '../imaging/guess-label-values.ts'
import { listLabels } from '../imaging/label-readers/list-labels.ts'
import type { LabelPlace } from '../imaging/label-readers/open-fitting-labels.ts'
import { isShapeFile } from '../imaging/label-readers/open-labels.ts'
import { pairsByContent } from '../imaging/label-readers/pairs-by-content.ts'
import type { Project } from './project.ts'
import { pairLabelFiles } from './pair-label-files.ts'

/** Masks in a folder that a result is compared with. */
export interface TruthFolder {
  folder: string
  /** What the values of label maps mean; undefined: guessed. */
  values?: LabelValues | undefined
}

export interface TruthFiles {
  /** The mask of each image of the result that has one. */
  labels: Map<ResultImageRecord, string>
  /** Of the label maps among them. */
  labelValues: LabelValues
}

/** An image of a result as its labels need it. @throws SegscopeError as `openImage` */
export async function labelledImage(
  project: Project,
  { path, image }: ResultImageRecord,
  workers: ImageWorkers,
  signal: AbortSignal,
): Promise<LabelPlace['image']> {
  const record = image === undefined ? undefined : project.images.find(image)
  const { width, height, pages } =
    record ?? (await workers.run('identify', { path }, { urgency: 'details', signal })).info
  return { path, width, height, pages }
}

/**
 * Finds the masks of a result's images, by their names. More values than the network has classes are numbers of objects.
 * @throws SegscopeError `folder-unreadable`, `labels-not-found`; `label-values-ambiguous` where they are to be guessed and several
 *   meanings fit; as `openFittingLabels`
 */
export async function findTruth(
  project: Project,
  { folder, values }: TruthFolder,
  { images, classes }: { images: readonly ResultImageRecord[]; classes: number },
  workers: ImageWorkers,
  signal: AbortSignal,
): Promise<TruthFiles> {
  const labelsFolder = resolve(folder)
  const files = await listLabels(labelsFolder)
  const byContent = await pairsByContent(
    files,
    images.map(({ path }) => path),
    (path, named) =>
      workers.run('find named images', { path, images: named }, { urgency: 'details', signal }),
  )
  const labels = new Map<ResultImageRecord, string>()
  if (byContent.size > 0) {
    for (const image of images) {
      const label = byContent.get(image.path)
      if (label !== undefined) labels.set(image, label)
    }
  } else {
    for (const { image, label, problem } of pairLabelFiles(images, files, labelsFolder).pairs) {
      if (problem !== undefined) throw problem
      labels.set(image, label)
    }
  }
  if (values !== undefined) return { labels, labelValues: values }
  const counts = new Map<number, number>()
  for (const [image, path] of spreadFiles([...labels])) {
    if (await isShapeFile(path)) continue
    const place = { path, image: await labelledImage(project, image, workers, signal), names: [] }
    const found = await workers.run('count label values', place, { urgency: 'details', signal })
    for (const [value, pixels] of found) counts.set(value, (counts.get(value) ?? 0) + pixels)
  }
  return { labels, labelValues: counts.size === 0 ? 'binary' : interpret(counts, classes, labelsFolder) }
}

function interpret(counts: ReadonlyMap<number, number>, classes: number, folder: string): LabelValues {
  try {
    const { labelValues, classCount } = interpretValues(counts)
    return classCount > classes ? 'binary' : labelValues
  } catch (thrown) {
    if (!(thrown instanceof SegscopeError)) throw thrown
    throw new SegscopeError('label-values-ambiguous', thrown.message, {
      file: folder,
      remedy: 'Say what the values of these masks mean.',
      cause: thrown,
    })
  }
}
