import type { Splitting } from '../../preload/contract/segmentation.ts'
import type { SegmentationEvent, SegmentationSummary } from '../services/segmentation-events.ts'
import type { TransferredError } from './transferred-error.ts'

export interface SegmentationOrder {
  checkpointFile: string
  /** An engine's name. */
  engine: string
  /** Absolute, all inside `imagesFolder`. */
  images: readonly string[]
  imagesFolder: string
  outFolder: string
  probabilities: boolean
  overlays: boolean
  measurements: boolean
  flips: boolean
  overwrite: boolean
  splitting: Splitting
}

/** To the process. */
export type SegmentationRequestMessage =
  | { kind: 'segment'; order: SegmentationOrder }
  /** Ends after the image under way has been given up; finished ones stay. */
  | { kind: 'stop' }

/** From the process. */
export type SegmentationReplyMessage =
  | { kind: 'event'; event: SegmentationEvent }
  /** Overlays and measurements follow the segmentation. */
  | { kind: 'extras'; fraction: number }
  | { kind: 'finished'; summary: SegmentationSummary }
  | { kind: 'failed'; error: TransferredError }
