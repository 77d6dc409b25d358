import { createPredictorThread } from '../../model/engine/predictor-thread.ts'
import { memoryLeft } from '../../model/engine/compute-limits.ts'
import { chooseTiling } from '../../model/prediction/predict-image.ts'
import type { Checkpoint } from '../../model/weights/checkpoint.ts'
import { type FolderSegmentation, segmentFolder } from './folder-segmentation.ts'
import type { SegmentationSummary } from './segmentation-events.ts'

export interface CheckpointSegmentation extends Omit<
  FolderSegmentation,
  'predictor' | 'checkpoint' | 'settings'
> {
  checkpoint: Checkpoint
  /** An engine's name. */
  engine: string
}

/** Segments images with a checkpoint's network, as `segmentFolder` does, in tiles that fit into the memory that is free. */
export async function segmentWithCheckpoint({
  checkpoint: { header, network, weights },
  engine,
  ...request
}: CheckpointSegmentation): Promise<SegmentationSummary> {
  const { normalisation, imageScale } = header.plan
  const predictor = await createPredictorThread(engine, network, weights, { output: 'probabilities' })
  try {
    return await segmentFolder({
      ...request,
      predictor,
      checkpoint: `${header.experiment} ${header.step} ${header.createdAt}`,
      settings: { network, normalisation, imageScale, tiling: chooseTiling(memoryLeft()) },
    })
  } finally {
    await predictor.dispose()
  }
}
