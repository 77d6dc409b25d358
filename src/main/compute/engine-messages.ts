import type { EngineFigures } from '../../preload/contract/engines.ts'
import type { TransferredError } from './transferred-error.ts'

/** To the process: what it shall do with one engine, by its name. */
export interface EngineRequestMessage {
  engine: string
  /** `open`: load it, which tells whether what it needs is on this computer. */
  work: 'measure' | 'open'
}

/** From the process. */
export type EngineReplyMessage =
  | { kind: 'progress'; fraction: number }
  | { kind: 'measured'; figures: EngineFigures }
  | { kind: 'opened' }
  | { kind: 'failed'; error: TransferredError }
