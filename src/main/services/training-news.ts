import type { Finding } from '../../model/plan/finding.ts'
import type { Plan } from '../../model/plan/plan.ts'
import type { Scores, TrainingEvent } from '../../model/training/events.ts'
import type { TrainingPreview } from './training-previewer.ts'

/** What a training tells while it goes on: the preparation, then the run's own events. */
export type TrainingNews =
  | { kind: 'reading'; done: number; total: number }
  | { kind: 'finding'; finding: Finding }
  | { kind: 'data'; images: number; labelled: number; explanation: string; split: string }
  | { kind: 'plan'; experiment: string; plan: Plan }
  /** A file was written: `scores` are those on the validation images. */
  | {
      kind: 'checkpoint'
      which: 'best' | 'last'
      file: string
      step: number
      scores: Scores | undefined
      bytes: number
    }
  | { kind: 'preview'; preview: TrainingPreview }
  | TrainingEvent

export type TellTraining = (news: TrainingNews) => void
