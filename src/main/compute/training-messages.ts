import type { PreparedTraining, TrainingWishes } from '../services/prepare-training.ts'
import type { PaintedImage } from '../services/painted-data.ts'
import type { TrainingNews } from '../services/training-news.ts'
import type { TrainingJob } from '../services/training-run.ts'
import type { TransferredError } from './transferred-error.ts'

/** To the process. It prepares, runs, or both, one after the other. */
export type TrainingRequestMessage =
  | {
      kind: 'prepare'
      images: readonly PaintedImage[]
      classNames: readonly string[]
      wishes: TrainingWishes
    }
  | { kind: 'run'; job: TrainingJob }
  | { kind: 'pause' }
  | { kind: 'go-on' }
  /** Of this image, a path, the learning is shown from now on. */
  | { kind: 'preview'; path: string }
  /** Ends at the next step, and saves. */
  | { kind: 'stop' }

/** From the process. */
export type TrainingReplyMessage =
  | { kind: 'news'; news: TrainingNews }
  | { kind: 'prepared'; prepared: PreparedTraining }
  | { kind: 'finished'; finished: Extract<TrainingNews, { kind: 'finished' }> }
  | { kind: 'failed'; error: TransferredError }
