import { createPredictorThread } from '../../model/engine/predictor-thread.ts'
import { memoryLeft } from '../../model/engine/compute-limits.ts'
import { chooseTiling } from '../../model/prediction/predict-image.ts'
import type { Checkpoint } from '../../model/weights/checkpoint.ts'
import type { WrittenClass } from '../imaging/label-writers/written-labels.ts'
import { type FolderSegmentation, segmentFolder } from './folder-segmentation.ts'
import { networkClasses } from './network-classes.ts'
import type { SegmentationSummary } from './segmentation-events.ts'

export interface CheckpointSegmentation extends Omit<
  FolderSegmentation,
  'predictor' | 'checkpoint' | 'settings' | 'classes'
> {
  checkpoint: Checkpoint
  /** An engine's name. */
  engine: string
  /** Of the network; undefined: the checkpoint's names, in the usual colours. */
  classes?: readonly WrittenClass[] | undefined
}

/** Segments images with a checkpoint's network, as `segmentFolder` does, in tiles that fit into the memory that is free. */
export async function segmentWithCheckpoint({
  checkpoint: { header, network, weights },
  engine,
  classes,
  ...request
}: CheckpointSegmentation): Promise<SegmentationSummary> {
  const { normalisation, imageScale } = header.plan
  const predictor = await createPredictorThread(engine, network, weights, { output: 'probabilities' })
  try {
    return await segmentFolder({
      ...request,
      classes: classes ?? networkClasses(network.classes, header.plan.classNames),
      predictor,
      checkpoint: `${header.experiment} ${header.step} ${header.createdAt}`,
      settings: { network, normalisation, imageScale, tiling: chooseTiling(memoryLeft()) },
    })
  } finally {
    await predictor.dispose()
  }
}
