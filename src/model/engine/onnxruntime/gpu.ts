import { env, type InferenceSession } from './library.ts'
import { describeError, SegscopeError } from '../../errors.ts'
import type { Engine } from '../engine.ts'
import { GraphBuilder } from './graph-builder.ts'
import { createOnnxPredictor } from './predictor.ts'
import { createSession } from './session.ts'

/**
 * ONNX Runtime's ways to a GPU, by the names that it gives them: `webgpu` by the system's own driver (Vulkan, Metal, Direct3D 12), `dml`
 * by Windows' DirectML, which takes the first of Windows' graphics adapters.
 */
export type GpuProvider = 'webgpu' | 'dml'

/**
 * ONNX Runtime on the GPU, for prediction.
 * @param name the engine's
 * @throws SegscopeError `gpu-missing` where the provider finds none, or is not in this build of ONNX Runtime
 */
export async function openGpuEngine(name: string, provider: GpuProvider): Promise<Engine> {
  const sessionOptions = gpuSessionOptions(provider)
  await requireGpu(sessionOptions)
  return {
    trains: false,
    describe: () => ({ name, version: env.versions.common, device: provider, threads: 1 }),
    createPredictor: (network, weights, options) =>
      createOnnxPredictor(network, weights, options, sessionOptions),
    createTrainer: () => {
      // The training graph's steps came out wrong on WebGPU.
      throw new SegscopeError('engine-cannot-train', 'ONNX Runtime on the GPU predicts only.', {
        remedy: 'Train with another engine.',
      })
    },
  }
}

/** What a session on the provider needs. */
export function gpuSessionOptions(provider: GpuProvider): Partial<InferenceSession.SessionOptions> {
  if (provider === 'webgpu') return { executionProviders: [provider] }
  // DirectML supports neither memory patterns nor parallel execution (its page in ONNX Runtime's documentation).
  return { executionProviders: [provider], enableMemPattern: false, executionMode: 'sequential' }
}

/** Only making a session tells whether there is a GPU. */
async function requireGpu(sessionOptions: Partial<InferenceSession.SessionOptions>): Promise<void> {
  const builder = new GraphBuilder()
  builder.output('output', builder.input('input', [1]))
  try {
    const session = await createSession(builder.finish('probe'), undefined, sessionOptions)
    await session.release()
  } catch (thrown) {
    const reason = thrown instanceof SegscopeError ? thrown.cause : thrown
    throw new SegscopeError(
      'gpu-missing',
      `ONNX Runtime finds no GPU here: ${describeError(reason)
        .replace(/^.*(?=Failed to get)/s, '')
        .trim()
        .replace(/\.?$/, '.')}`,
      {
        cause: thrown,
        remedy: 'Where this computer has one, install its driver. Without one the processor computes.',
      },
    )
  }
}
