import { encodePredictionTile } from '../../preload/contract/prediction-tiles.ts'
import type { Application } from '../application.ts'
import { binary, malformed, wholeNumber } from './responses.ts'

/** Answers `predictionTileAddress`. @param parts of the path, after `/predictions/` */
export async function answerPrediction(
  application: Application,
  request: Request,
  parameters: URLSearchParams,
  parts: string[],
): Promise<Response> {
  const [image, page, column, row, ...more] = parts.map(wholeNumber)
  const checkpoint = parameters.get('checkpoint')
  if (
    request.method !== 'GET' ||
    image === undefined ||
    page === undefined ||
    column === undefined ||
    row === undefined ||
    more.length > 0 ||
    checkpoint === null
  ) {
    throw malformed()
  }
  const { predictions } = application.requireOpened()
  const tile = await predictions.tile({ image, page, column, row, checkpoint }, request.signal)
  if (tile === undefined) throw malformed()
  // The same checkpoint may learn on, and the project's classes change.
  return binary(encodePredictionTile(tile), 'no-store')
}
