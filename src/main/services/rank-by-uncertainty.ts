import type { InferContractRouterOutputs } from '@orpc/contract'
import { CancelledError, SegscopeError } from '../../model/errors.ts'
import { PREDICTION_TILE_SIZE } from '../../preload/contract/addresses.ts'
import type { contract } from '../../preload/contract/index.ts'
import { toProblem } from '../to-problem.ts'
import type { LivePrediction } from './live-prediction.ts'
import type { Project } from './project.ts'
import { progressOf } from './progress.ts'

type Events = InferContractRouterOutputs<typeof contract>['predictions']['rank']
type RankEvent = Events extends AsyncIterable<infer Event> ? Event : never

/**
 * Orders images by how unsure a checkpoint is of the tile in the middle of their first page, the least sure first. What cannot be
 * predicted is told at the end; images that were removed meanwhile are left out.
 * @throws SegscopeError `checkpoint-not-found`, `checkpoint-file-missing`, `compute-died`; CancelledError
 */
export async function* rankByUncertainty(
  project: Project,
  predictions: LivePrediction,
  { checkpoint, ids }: { checkpoint: string; ids: readonly number[] },
  signal: AbortSignal,
): AsyncGenerator<RankEvent> {
  const done: Extract<RankEvent, { kind: 'done' }> = { kind: 'done', images: [], failed: [] }
  for (const [index, id] of ids.entries()) {
    if (signal.aborted) throw new CancelledError()
    const image = project.images.find(id)
    if (image !== undefined) {
      const middle = (extent: number): number => Math.floor(extent / 2 / PREDICTION_TILE_SIZE)
      const place = { image: id, page: 0, column: middle(image.width), row: middle(image.height), checkpoint }
      try {
        const tile = await predictions.tile(place, signal)
        if (tile !== undefined) done.images.push({ image: id, uncertainty: mean(tile.uncertainty) / 255 })
      } catch (thrown) {
        if (!(thrown instanceof SegscopeError) || fatalCodes.includes(thrown.code)) throw thrown
        done.failed.push({ file: image.path, problem: toProblem(thrown) })
      }
    }
    yield progressOf(index + 1, ids.length, 'images')
  }
  done.images.sort((one, other) => other.uncertainty - one.uncertainty)
  yield done
}

/** What every further image would meet too. */
const fatalCodes = ['checkpoint-not-found', 'checkpoint-file-missing', 'compute-died', 'cancelled']

function mean(values: Uint8Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
