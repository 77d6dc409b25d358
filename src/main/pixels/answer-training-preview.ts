import { encodePredictionTile } from '../../preload/contract/prediction-tiles.ts'
import type { Application } from '../application.ts'
import { binary, malformed, wholeNumber } from './responses.ts'

/** Answers `trainingPreviewAddress`. @param parts of the path, after `/training-previews/` */
export function answerTrainingPreview(application: Application, request: Request, parts: string[]): Response {
  const [job, image, page, step, column, row, ...more] = parts.map(wholeNumber)
  if (
    request.method !== 'GET' ||
    job === undefined ||
    image === undefined ||
    page === undefined ||
    step === undefined ||
    column === undefined ||
    row === undefined ||
    more.length > 0
  ) {
    throw malformed()
  }
  const { trainingPreviews } = application.requireOpened()
  const tile = trainingPreviews.tile(job, { image, page, step }, { column, row })
  if (tile === undefined) throw malformed()
  // A page asked while the training went on: there is nothing to say, and nothing is wrong.
  if (tile === 'gone') return new Response(null, { status: 204, headers: { 'cache-control': 'no-store' } })
  return binary(encodePredictionTile(tile), 'no-store')
}
