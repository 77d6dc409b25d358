import { join } from 'node:path'
import { writeFileAtomically } from '../../model/files/atomic-write.ts'
import type { ReportData } from './report-data.ts'
import { reportPage } from './report-page.ts'

/**
 * Writes the report as `report.html` into a folder that has the pictures and the table it links to.
 * @returns the page's path
 * @throws SegscopeError as `writeFileAtomically` says
 */
export async function writeReport(folder: string, data: ReportData): Promise<string> {
  const path = join(folder, 'report.html')
  await writeFileAtomically(path, [new TextEncoder().encode(reportPage(data))])
  return path
}
