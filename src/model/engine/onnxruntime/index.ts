import { availableParallelism } from 'node:os'
import { env } from './library.ts'
import { threadLimit } from '../compute-limits.ts'
import type { Engine } from '../engine.ts'
import { createOnnxPredictor } from './predictor.ts'
import { createOnnxTrainer } from './trainer.ts'

/** ONNX Runtime on the processor: it comes with the npm package alone, and runs everywhere. */
export const onnxRuntimeEngine: Engine = {
  trains: true,
  describe: () => ({
    name: 'onnxruntime',
    version: env.versions.common,
    device: 'cpu',
    threads: threadLimit() ?? availableParallelism(),
  }),
  createPredictor: createOnnxPredictor,
  createTrainer: createOnnxTrainer,
}
