import type { PredictedPart } from '../../model/prediction/predict-part.ts'
import type { TransferredError } from './transferred-error.ts'

/** What predicts. */
export interface PredictionNetwork {
  /** An engine's name. */
  engine: string
  checkpointFile: string
  /** Changes when the file is written anew. */
  checkpointVersion: string
}

/** What is to be predicted: the part of a page that holds a pixel. */
export interface PredictionOrder extends PredictionNetwork {
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

/** To the process. It does one after the other; one prediction is asked for at a time. */
export type PredictionRequestMessage =
  /** Loads what will predict soon. It is not answered: what goes wrong then goes wrong for whoever asks to predict, too. */
  { kind: 'prepare'; network: PredictionNetwork } | { kind: 'predict'; order: PredictionOrder }

/** From the process. */
export type PredictionReplyMessage =
  { kind: 'predicted'; prediction: Prediction } | { kind: 'failed'; error: TransferredError }
