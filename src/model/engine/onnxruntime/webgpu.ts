import { env } from 'onnxruntime-node'
import { describeError, SegscopeError } from '../../errors.ts'
import type { Engine } from '../engine.ts'
import { GraphBuilder } from './graph-builder.ts'
import { createOnnxPredictor } from './predictor.ts'
import { createSession } from './session.ts'

/**
 * ONNX Runtime on the GPU by WebGPU, for prediction: WebGPU finds a GPU by the system's own driver (Vulkan, Metal, Direct3D 12).
 * @throws SegscopeError `gpu-missing` where it finds none
 */
export async function openWebGpuEngine(): Promise<Engine> {
  await requireGpu()
  return {
    trains: false,
    describe: () => ({
      name: 'onnxruntime-webgpu',
      version: env.versions.common,
      device: 'webgpu',
      threads: 1,
    }),
    createPredictor: (network, weights, options) => createOnnxPredictor(network, weights, options, 'webgpu'),
    createTrainer: () => {
      // The training graph's steps came out wrong on WebGPU.
      throw new SegscopeError('engine-cannot-train', 'ONNX Runtime on the GPU predicts only.', {
        remedy: 'Train with another engine.',
      })
    },
  }
}

/** Only making a session tells whether there is a GPU. */
async function requireGpu(): Promise<void> {
  const builder = new GraphBuilder()
  builder.output('output', builder.input('input', [1]))
  try {
    const session = await createSession(builder.finish('probe'), undefined, {
      executionProviders: ['webgpu'],
    })
    await session.release()
  } catch (thrown) {
    const reason = thrown instanceof SegscopeError ? thrown.cause : thrown
    throw new SegscopeError(
      'gpu-missing',
      `ONNX Runtime finds no GPU here: ${describeError(reason)
        .replace(/^.*(?=Failed to get)/s, '')
        .trim()}`,
      { cause: thrown, remedy: "Install the GPU's driver, or use the processor." },
    )
  }
}
