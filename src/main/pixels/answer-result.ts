import { LAST_LABEL_LEVEL } from '../../preload/contract/label-levels.ts'
import type { Application } from '../application.ts'
import { requireResultPlane } from '../services/results.ts'
import { binary, cacheControl, malformed, tileRange, wholeNumber } from './responses.ts'

/** Answers `resultTilesAddress`. @param parts of the path, after `/results/` */
export async function answerResult(
  application: Application,
  request: Request,
  parameters: URLSearchParams,
  parts: string[],
): Promise<Response> {
  const [id, page, level, ...more] = parts.map(wholeNumber)
  if (
    request.method !== 'GET' ||
    id === undefined ||
    page === undefined ||
    level === undefined ||
    level > LAST_LABEL_LEVEL ||
    more.length > 0
  ) {
    throw malformed()
  }
  const { project } = application.requireOpened()
  const { labels } = requireResultPlane(project, { id, page })
  const columns = tileRange(parameters.get('columns'))
  const rows = tileRange(parameters.get('rows'))
  const { bytes } = await application.imageWorkers.run(
    'read result tiles',
    { path: labels, page, level, columns, rows },
    { urgency: 'tile', signal: request.signal },
  )
  return binary(bytes, cacheControl.final)
}
