import type { LabelFormat } from '../../preload/contract/label-formats.ts'
import type { Splitting } from '../../preload/contract/segmentation.ts'
import type { WrittenClass } from '../imaging/label-writers/written-labels.ts'
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
  formats: readonly LabelFormat[]
  flips: boolean
  overwrite: boolean
  splitting: Splitting
  /** Of the network, by value, in the project's colours. */
  classes: readonly WrittenClass[]
}

/** To the process. */
export type SegmentationRequestMessage =
  | { kind: 'segment'; order: SegmentationOrder }
  /** Ends after the image under way has been given up; finished ones stay. */
  | { kind: 'stop' }

/** From the process. */
export type SegmentationReplyMessage =
  | { kind: 'event'; event: SegmentationEvent }
  /** Overlays, measurements and further formats follow the segmentation. */
  | { kind: 'extras'; fraction: number }
  | { kind: 'finished'; summary: SegmentationSummary }
  | { kind: 'failed'; error: TransferredError }
