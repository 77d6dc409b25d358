import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { SegscopeError } from '../../model/errors.ts'
import { writeFileAtomically } from '../../model/files/atomic-write.ts'
import { measurementsHeading, measurementsRows } from '../../model/prediction/measurements-csv.ts'
import type { Splitting } from '../../preload/contract/segmentation.ts'
import type { ImageWorkers } from '../compute/image-workers.ts'
import type { Project } from './project.ts'
import { requireResult, requireResultPlane } from './results.ts'
import { waists } from './waists.ts'

/**
 * Writes the measurements of some objects of an image as CSV, in the columns of a folder's `measurements.csv`.
 * @param numbers of the objects, from 1, in the order of their rows
 * @throws SegscopeError `file-exists` where it may not be replaced; as `requireResultPlane` and `openImage`
 */
export async function writeObjectsTable(
  project: Project,
  workers: ImageWorkers,
  table: {
    id: number
    page: number
    numbers: readonly number[]
    file: string
    replace: boolean
    splitting: Splitting
  },
  signal: AbortSignal,
): Promise<void> {
  const { page, file } = table
  if (!table.replace && existsSync(file)) {
    throw new SegscopeError('file-exists', 'There is a file of this name already.', {
      file,
      remedy: 'Choose another name, or allow it to be replaced.',
    })
  }
  const { result, record, labels } = requireResultPlane(project, table)
  const { path } = record
  const task = { path, labels, page, splitting: waists(table.splitting) }
  const { objects: measured, info } = await workers.run('measure result', task, {
    urgency: 'details',
    signal,
  })
  const numbers = table.numbers.filter((number) => number <= measured.length)
  const rows = measurementsRows(
    {
      name: basename(path),
      page,
      pixelSize: info.pixelSize,
      objects: numbers.map((number) => measured[number - 1] as (typeof measured)[number]),
      numbers,
    },
    requireResult(project, result).classNames,
  )
  await writeFileAtomically(file, [Buffer.from(measurementsHeading(info.channels)), Buffer.from(rows)])
}
