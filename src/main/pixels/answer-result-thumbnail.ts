import type { Application } from '../application.ts'
import { requireResult, requireResultPlane, resultClasses } from '../services/results.ts'
import { binary, cacheControl, malformed, wholeNumber } from './responses.ts'

/** Answers `resultThumbnailAddress`. @param parts of the path, after `/result-thumbnails/` */
export async function answerResultThumbnail(
  application: Application,
  request: Request,
  parts: string[],
): Promise<Response> {
  const [id, ...more] = parts.map(wholeNumber)
  if (request.method !== 'GET' || id === undefined || more.length > 0) throw malformed()
  const { project, pixels } = application.requireOpened()
  const { result, labels } = requireResultPlane(project, { id, page: 0 })
  const colours = resultClasses(project, requireResult(project, result)).map(({ colour }) => colour)
  const bytes = await pixels.resultThumbnail(labels, colours, request.signal)
  return binary(bytes, cacheControl.final, 'image/webp')
}
