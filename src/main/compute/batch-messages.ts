import type { Plan } from '../../model/plan/plan.ts'
import type { Batch } from '../../model/training/batch-source.ts'
import type { LabelValues } from '../imaging/read-label-map.ts'
import type { TransferredError } from './transferred-error.ts'

/** What the batches of a run are made from. */
export interface BatchStreamSpec {
  /** The images to train on. */
  images: readonly { path: string; labelPath: string }[]
  labelValues: LabelValues
  plan: Plan
}

/** To the worker: make the batch of a step, after those asked for before; or close. */
export type BatchRequest = { kind: 'make'; step: number } | { kind: 'close' }

/** From the worker, one for each step asked for. */
export type BatchReply =
  { kind: 'batch'; step: number; batch: Batch } | { kind: 'failed'; step: number; error: TransferredError }
