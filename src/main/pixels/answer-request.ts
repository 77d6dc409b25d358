import type { Application } from '../application.ts'
import { answerLabels } from './answer-labels.ts'
import { answerPixels } from './answer-pixels.ts'
import { answerPrediction } from './answer-prediction.ts'
import { answerResult } from './answer-result.ts'
import { answerResultThumbnail } from './answer-result-thumbnail.ts'
import { answerThumbnail } from './answer-thumbnail.ts'
import { answerTrainingPreview } from './answer-training-preview.ts'
import { problemResponse } from './responses.ts'

/**
 * Answers a page's requests for pixels, labels and predictions (see `src/preload/contract/addresses.ts`); undefined where the
 * address is none of these. Problems are answered as JSON, as the contract's `problemSchema`.
 */
export async function answerRequest(
  application: Application,
  request: Request,
): Promise<Response | undefined> {
  const url = new URL(request.url)
  const [, kind, ...parts] = url.pathname.split('/')
  try {
    if (kind === 'labels') return await answerLabels(application, request, url.searchParams, parts)
    if (kind === 'pixels') return await answerPixels(application, request, parts)
    if (kind === 'predictions') return await answerPrediction(application, request, url.searchParams, parts)
    if (kind === 'results') return await answerResult(application, request, url.searchParams, parts)
    if (kind === 'result-thumbnails') return await answerResultThumbnail(application, request, parts)
    if (kind === 'training-previews') return answerTrainingPreview(application, request, parts)
    if (kind === 'thumbnails') return await answerThumbnail(application, request, parts)
  } catch (thrown) {
    application.log.addProblem(thrown)
    return problemResponse(thrown)
  }
  return undefined
}
