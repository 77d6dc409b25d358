import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { CancelledError, SegscopeError } from '../../model/errors.ts'
import { writeFileAtomically } from '../../model/files/atomic-write.ts'
import type { ImageInfo } from '../../model/images/image-source.ts'
import type { ObjectMeasurement } from '../../model/prediction/measurements.ts'
import type { Problem } from '../../preload/contract/base.ts'
import { type ObjectFilter, passes } from '../../preload/contract/object-filter.ts'
import type { ResultImage, Verdict } from '../../preload/contract/results.ts'
import type { Splitting } from '../../preload/contract/segmentation.ts'
import type { ImageWorkers } from '../compute/image-workers.ts'
import { Throttle } from '../terminal/throttle.ts'
import { toProblem } from '../to-problem.ts'
import { commonFolder } from './common-folder.ts'
import { inOrder } from './in-order.ts'
import { MeasurementsTable } from './measurements-table.ts'
import { progressOf, type Progress } from './progress.ts'
import type { Project } from './project.ts'
import { summaryHeading, summaryRow } from './result-summary.ts'
import { requestOf, requireResult, resultImages } from './results.ts'
import { waists } from './waists.ts'

const OBJECTS = 'objects.csv'
const SUMMARY = 'summary.csv'
const IMAGES_AT_ONCE = 2
const PROGRESS_MILLISECONDS = 200

export interface TablesRequest {
  result: number
  /** Of images with one of these. */
  verdicts: readonly Verdict[]
  filter: ObjectFilter
  splitting: Splitting
  folder: string
  /** Whether tables that are there may give way. */
  replace: boolean
}

export interface WrittenTables {
  kind: 'done'
  objectsFile: string
  summaryFile: string
  images: number
  objects: number
  failed: { file: string; problem: Problem }[]
}

interface MeasuredPages {
  image: ResultImage
  info: ImageInfo
  /** By page, those that count, numbered as among all of the page. */
  pages: { objects: ObjectMeasurement[]; numbers: number[] }[]
}

/**
 * Writes the objects of all images of a result into `objects.csv`, in the columns of a folder's `measurements.csv`, and a row for each
 * of their pages into `summary.csv`. Images that fail are told, and the others are done.
 * @throws SegscopeError `result-unknown`; `file-exists` where a table may not be replaced; where a table cannot be written;
 *   CancelledError: nothing is written
 */
export async function* writeResultTables(
  project: Project,
  workers: ImageWorkers,
  request: TablesRequest,
  signal: AbortSignal,
): AsyncGenerator<Progress | WrittenTables> {
  const { result, folder, verdicts } = request
  const record = requireResult(project, result)
  const all = resultImages(project, result)
  const images = all.filter(({ verdict }) => verdicts.includes(verdict))
  const { what } = requestOf(record.request)
  const base = what.kind === 'folder' ? what.folder : commonFolder(pathsOf(all))
  const done: WrittenTables = {
    kind: 'done',
    objectsFile: join(folder, OBJECTS),
    summaryFile: join(folder, SUMMARY),
    images: 0,
    objects: 0,
    failed: [],
  }
  if (!request.replace) refuseToReplace([done.objectsFile, done.summaryFile])
  const summary = [summaryHeading(record.classNames)]
  const table = await MeasurementsTable.begin(done.objectsFile, record.classNames)
  try {
    const progress = new Throttle(PROGRESS_MILLISECONDS)
    const measure = (image: ResultImage): Promise<MeasuredPages | WrittenTables['failed'][number]> =>
      measureImage(workers, image, request, signal).catch((thrown: unknown) => {
        if (!(thrown instanceof SegscopeError) || thrown instanceof CancelledError) throw thrown
        return { file: image.path, problem: toProblem(thrown) }
      })
    let finished = 0
    for await (const measured of inOrder(images, IMAGES_AT_ONCE, measure, signal)) {
      if ('problem' in measured) {
        done.failed.push(measured)
      } else {
        const { info, image, pages } = measured
        const name = relative(base, image.path).replaceAll('\\', '/')
        const { pixelSize, channels } = info
        for (const [page, counted] of pages.entries()) {
          await table.add({ name, page, pixelSize, ...counted }, channels)
          const row = { name, page, verdict: image.verdict, pixelSize, objects: counted.objects }
          summary.push(summaryRow(row, record.classNames))
          done.objects += counted.objects.length
        }
        done.images++
      }
      finished++
      if (progress.passes(finished === images.length)) yield progressOf(finished, images.length, 'images')
    }
    if (signal.aborted) throw new CancelledError()
    await table.finish()
    await writeFileAtomically(done.summaryFile, [Buffer.from(summary.join(''))])
  } finally {
    await table.discard()
  }
  yield done
}

async function measureImage(
  workers: ImageWorkers,
  image: ResultImage,
  { splitting, filter }: TablesRequest,
  signal: AbortSignal,
): Promise<MeasuredPages> {
  const pages: MeasuredPages['pages'] = []
  const measurePage = async (page: number): Promise<ImageInfo> => {
    const task = { path: image.path, labels: image.labels, page, splitting: waists(splitting) }
    const measured = await workers.run('measure result', task, { urgency: 'background', signal })
    const counted = measured.objects.flatMap((object, index) => {
      const { classValue: classIndex, area, touchesBorder: touchesEdge } = object
      return passes(filter, { classIndex, area, touchesEdge }) ? { object, number: index + 1 } : []
    })
    pages.push({
      objects: counted.map(({ object }) => object),
      numbers: counted.map(({ number }) => number),
    })
    return measured.info
  }
  const info = await measurePage(0)
  for (let page = 1; page < info.pages; page++) await measurePage(page)
  return { image, info, pages }
}

function pathsOf(images: readonly ResultImage[]): string[] {
  return images.map(({ path }) => path)
}

function refuseToReplace(files: readonly string[]): void {
  const existing = files.find((file) => existsSync(file))
  if (existing === undefined) return
  throw new SegscopeError('file-exists', 'There is a file of this name already.', {
    file: existing,
    remedy: 'Choose another folder, or allow it to be replaced.',
  })
}
