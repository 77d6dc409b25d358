import type { StepResult, Trainer, TrainingBatch } from '../../../src/model/engine/engine.ts'

/** One step by itself. */
export async function doStep(trainer: Trainer, batch: TrainingBatch): Promise<StepResult> {
  const [result] = await trainer.steps([batch])
  return result as StepResult
}
