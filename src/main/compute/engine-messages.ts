import type { EngineFigures } from '../../preload/contract/engines.ts'
import type { TransferredError } from './transferred-error.ts'

/** To the process: one engine, by its name. */
export interface EngineRequestMessage {
  engine: string
}

/** From the process. */
export type EngineReplyMessage =
  | { kind: 'progress'; fraction: number }
  | { kind: 'measured'; figures: EngineFigures }
  | { kind: 'failed'; error: TransferredError }
