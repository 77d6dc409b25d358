import type { PredictedPart } from '../../model/prediction/predict-part.ts'
import type { TransferredError } from './transferred-error.ts'

/** What is to be predicted: the part of a page that holds a pixel. */
export interface PredictionOrder {
  /** An engine's name. */
  engine: string
  checkpointFile: string
  /** Changes when the file is written anew. */
  checkpointVersion: string
  path: string
  /** Of the image's file. */
  fingerprint: string
  page: number
  x: number
  y: number
}

export interface Prediction {
  part: PredictedPart
  /** Of the network. */
  classNames: string[]
}

/** To the process. It does one after the other, and is asked for one at a time. */
export interface PredictionRequestMessage {
  order: PredictionOrder
}

/** From the process. */
export type PredictionReplyMessage =
  { kind: 'predicted'; prediction: Prediction } | { kind: 'failed'; error: TransferredError }
