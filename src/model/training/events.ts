/** Pixel agreement of a prediction with labels, pooled over all labelled pixels of a set of images. */
export interface Scores {
  /** By class value. NaN where neither the labels nor the prediction have the class. */
  dice: number[]
  iou: number[]
}

/** What a training run tells while it goes on. */
export type TrainingEvent =
  | { kind: 'started'; step: number; steps: number }
  | {
      kind: 'step'
      step: number
      steps: number
      loss: number
      gradientNorm: number
      learningRate: number
      /** Wall time of this step, and how much of it waited for data. */
      milliseconds: number
      waitedMilliseconds: number
    }
  | { kind: 'validation'; step: number; loss: number; scores: Scores; best: boolean }
  /** The last one. */
  | {
      kind: 'finished'
      step: number
      reason: 'all steps done' | 'no longer improving' | 'stopped'
      bestStep: number
    }
