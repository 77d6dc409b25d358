import { UNLABELLED } from '../../model/images/label-map.ts'
import { objectF1, type ObjectCounts } from '../../model/prediction/object-agreement.ts'
import { ConfusionMatrix } from '../../model/training/metrics.ts'
import type { Agreement } from '../../preload/contract/results.ts'
import type { Splitting } from '../../preload/contract/segmentation.ts'
import type { ImageWorkers } from '../compute/image-workers.ts'
import { readPlaneLabels } from './plane-labels.ts'
import type { Project } from './project.ts'
import { classValuesOf, requireResult } from './results.ts'
import { waists } from './waists.ts'

/**
 * Compares a result with the painted labels, pooled over the labelled pixels of one image or of all that have some.
 * @param id of one of the result's images; undefined: all
 * @throws SegscopeError `result-unknown`, and where a label map cannot be read; CancelledError
 */
export async function agreementOf(
  project: Project,
  workers: ImageWorkers,
  { result, id, splitting }: { result: number; id?: number | undefined; splitting: Splitting },
  signal: AbortSignal,
): Promise<Agreement> {
  const record = requireResult(project, result)
  const classes = record.classNames.length
  const indexOf = new Uint8Array(256).fill(UNLABELLED)
  classValuesOf(project, record).forEach((value, index) => {
    if (value !== UNLABELLED) indexOf[value] = index
  })
  const pages = Map.groupBy(project.labels.labelledMaps(), ({ image }) => image)
  const matrix = new ConfusionMatrix(classes)
  const objects: ObjectCounts[] = Array.from({ length: classes }, () => ({
    truePositives: 0,
    falsePositives: 0,
    falseNegatives: 0,
  }))
  let [compared, whole] = [0, 0]
  for (const image of project.results.images(result)) {
    if (image.image === undefined || (id !== undefined && image.id !== id)) continue
    for (const { page } of pages.get(image.image) ?? []) {
      signal.throwIfAborted()
      const { values } = readPlaneLabels(project, { image: image.image, page })
      const labels = values.map((value) => indexOf[value] as number)
      const task = { path: image.labels, page, labels, classes, splitting: waists(splitting) }
      const comparison = await workers.run('compare result', task, { urgency: 'details', signal })
      comparison.counts.forEach((count, cell) => {
        matrix.counts[cell] = (matrix.counts[cell] as number) + count
      })
      compared++
      if (comparison.objects === undefined) continue
      whole++
      comparison.objects.forEach((counts, index) => add(objects[index + 1] as ObjectCounts, counts))
    }
  }
  const { dice, iou } = matrix.scores()
  return {
    compared,
    whole,
    classes: record.classNames.map((name, index) => ({
      name,
      dice: orNull(dice[index]),
      iou: orNull(iou[index]),
      objectF1: orNull(index === 0 ? undefined : objectF1(objects[index] as ObjectCounts)),
    })),
    matrix: Array.from({ length: classes }, (_, row) => [
      ...matrix.counts.subarray(row * classes, (row + 1) * classes),
    ]),
  }
}

function add(sum: ObjectCounts, more: ObjectCounts): void {
  sum.truePositives += more.truePositives
  sum.falsePositives += more.falsePositives
  sum.falseNegatives += more.falseNegatives
}

function orNull(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value
}
