import { availableParallelism } from 'node:os'
import type { Engine } from '../engine.ts'
import type { InstalledRuntime } from './installed-runtime.ts'
import { loadTensorFlow } from './native.ts'
import { createTensorFlowPredictor } from './predictor.ts'
import { createTensorFlowTrainer } from './trainer.ts'

/**
 * TensorFlow by the addon of tfjs-node-gpu, on a GPU where it finds one: the engine for NVIDIA's.
 * @param runtime another than the newest that is installed
 * @throws SegscopeError `engine-not-installed`, `engine-not-loaded`
 */
export async function openTensorFlowEngine(runtime?: InstalledRuntime): Promise<Engine> {
  const { version, device } = await loadTensorFlow(undefined, runtime)
  return {
    trains: true,
    describe: () => ({ name: 'tensorflow', version, device, threads: availableParallelism() }),
    createPredictor: createTensorFlowPredictor,
    createTrainer: createTensorFlowTrainer,
  }
}
