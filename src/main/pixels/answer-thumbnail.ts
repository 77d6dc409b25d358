import type { Application } from '../application.ts'
import { binary, cacheControl, malformed, wholeNumber } from './responses.ts'

/** Answers `thumbnailAddress`. @param parts of the path, after `/thumbnails/` */
export async function answerThumbnail(
  application: Application,
  request: Request,
  parts: string[],
): Promise<Response> {
  const [image, ...more] = parts.map(wholeNumber)
  if (request.method !== 'GET' || image === undefined || more.length > 0) throw malformed()
  const { bytes, quality } = await application.requireOpened().pixels.thumbnail(image, request.signal)
  return binary(bytes, cacheControl[quality], 'image/webp')
}
