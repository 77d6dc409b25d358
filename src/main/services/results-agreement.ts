import { CancelledError, SegscopeError } from '../../model/errors.ts'
import { UNLABELLED } from '../../model/images/label-map.ts'
import { ObjectTally } from '../../model/prediction/object-agreement.ts'
import { ConfusionMatrix } from '../../model/training/metrics.ts'
import type { Agreement } from '../../preload/contract/results.ts'
import type { Splitting } from '../../preload/contract/segmentation.ts'
import type { ImageWorkers } from '../compute/image-workers.ts'
import type { ResultImageRecord, ResultRecord } from '../database/repositories/results.ts'
import { toProblem } from '../to-problem.ts'
import { readPlaneLabels } from './plane-labels.ts'
import type { Project } from './project.ts'
import { findTruth, labelledImage, type TruthFolder } from './result-truth.ts'
import type { Truth } from './results-reading.ts'
import { classValuesOf, requireResult } from './results.ts'
import { waists } from './waists.ts'

/** One page of a result, and what it is compared with. */
interface ComparedPage {
  image: ResultImageRecord
  page: number
  truth: Truth
}

/**
 * Compares a result, pooled over the labelled pixels of one image or of all that have labels: those painted in the project, or masks in
 * a folder. Masks that fail are told, and the others compared.
 * @param id of one of the result's images; undefined: all
 * @throws SegscopeError `result-unknown`, and where a label map cannot be read; as `findTruth`; CancelledError
 */
export async function agreementOf(
  project: Project,
  workers: ImageWorkers,
  {
    result,
    id,
    splitting,
    truth,
  }: { result: number; id?: number | undefined; splitting: Splitting; truth?: TruthFolder | undefined },
  signal: AbortSignal,
): Promise<Agreement> {
  const record = requireResult(project, result)
  const { classNames } = record
  const classes = classNames.length
  const images = project.results.images(result).filter((image) => id === undefined || image.id === id)
  const failed: Agreement['failed'] = []
  const pages =
    truth === undefined
      ? paintedPages(project, record, images)
      : maskPages(project, truth, { images, classes }, workers, signal)
  const matrix = new ConfusionMatrix(classes)
  const objects = new ObjectTally(classes)
  let compared = 0
  for await (const { image, page, truth: each } of pages) {
    signal.throwIfAborted()
    const task = { path: image.labels, page, truth: each, classNames, splitting: waists(splitting) }
    try {
      const comparison = await workers.run('compare result', task, { urgency: 'details', signal })
      comparison.counts.forEach((count, cell) => {
        matrix.counts[cell] = (matrix.counts[cell] as number) + count
      })
      compared++
      objects.add(comparison.objects, comparison.isNumbered)
    } catch (thrown) {
      const goesOn = thrown instanceof SegscopeError && !(thrown instanceof CancelledError)
      if (each.kind !== 'file' || !goesOn) throw thrown
      failed.push({ file: each.file, problem: toProblem(thrown) })
    }
  }
  const { dice, iou } = matrix.scores()
  const f1 = objects.f1()
  return {
    compared,
    whole: objects.images,
    numbered: objects.numbered,
    failed,
    classes: classNames.map((name, index) => ({
      name,
      dice: orNull(dice[index]),
      iou: orNull(iou[index]),
      objectF1: orNull(f1[index]),
    })),
    matrix: Array.from({ length: classes }, (_, row) => [
      ...matrix.counts.subarray(row * classes, (row + 1) * classes),
    ]),
  }
}

function* paintedPages(
  project: Project,
  record: ResultRecord,
  images: readonly ResultImageRecord[],
): Generator<ComparedPage> {
  const indexOf = new Uint8Array(256).fill(UNLABELLED)
  classValuesOf(project, record).forEach((value, index) => {
    // An outline comes after the class that it stands for.
    if (value !== UNLABELLED && indexOf[value] === UNLABELLED) indexOf[value] = index
  })
  const pages = Map.groupBy(project.labels.labelledMaps(), ({ image }) => image)
  for (const image of images) {
    if (image.image === undefined) continue
    for (const { page } of pages.get(image.image) ?? []) {
      const { values } = readPlaneLabels(project, { image: image.image, page })
      yield {
        image,
        page,
        truth: { kind: 'labels', labels: values.map((value) => indexOf[value] as number) },
      }
    }
  }
}

async function* maskPages(
  project: Project,
  folder: TruthFolder,
  result: { images: readonly ResultImageRecord[]; classes: number },
  workers: ImageWorkers,
  signal: AbortSignal,
): AsyncGenerator<ComparedPage> {
  const { labels, labelValues } = await findTruth(project, folder, result, workers, signal)
  for (const [record, file] of labels) {
    const image = await labelledImage(project, record, workers, signal)
    for (let page = 0; page < image.pages; page++) {
      yield { image: record, page, truth: { kind: 'file', file, image, labelValues } }
    }
  }
}

function orNull(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value
}
