import { createRequire } from 'node:module'
import util from 'node:util'
import { describeError, SegscopeError } from '../../errors.ts'
import { type InstalledRuntime, listInstalledRuntimes } from './installed-runtime.ts'

/** A tensor of tfjs-core, as far as it is used here. */
export interface TensorHandle {
  shape: number[]
  dataSync(): Float32Array | Int32Array
  dispose(): void
}

/** tfjs-core, as far as it is used here. */
export interface TensorFlowCore {
  tensor(data: Float32Array | Int32Array, shape: readonly number[], type: 'float32' | 'int32'): TensorHandle
  memory(): { numTensors: number; numBytes: number }
  registerBackend(name: string, factory: () => unknown, priority: number): boolean
  setBackend(name: string): Promise<boolean>
  ready(): Promise<void>
}

/** tfjs-node-gpu's backend, as far as it is used here. */
export interface TensorFlowBackend {
  isUsingGpuDevice: boolean
  loadSavedModelMetaGraph(folder: string, tags: string): number
  runSavedModel(
    id: number,
    inputs: readonly TensorHandle[],
    inputInfos: readonly { name: string }[],
    outputs: readonly string[],
  ): TensorHandle[]
  deleteSavedModel(id: number): void
  getNumOfTFTensors(): number
}

export interface NativeTensorFlow {
  core: TensorFlowCore
  backend: TensorFlowBackend
  /** Of the TensorFlow library. */
  version: string
  device: 'cpu' | 'gpu'
  runtime: InstalledRuntime
}

let loaded: Promise<NativeTensorFlow> | undefined

/**
 * Loads the newest installed runtime once in this thread.
 * @param threads for compute; what the first one to load it in this process says holds
 * @param runtime another than the newest
 * @throws SegscopeError `engine-not-installed`, `engine-not-loaded`
 */
export async function loadTensorFlow(
  threads?: number,
  runtime = listInstalledRuntimes()[0],
): Promise<NativeTensorFlow> {
  if (loaded !== undefined) return loaded
  if (runtime === undefined) {
    throw new SegscopeError('engine-not-installed', 'The TensorFlow runtime is not installed.', {
      remedy:
        'Install it in the settings or by "npx segscope runtime install tensorflow", or choose another engine.',
    })
  }
  if (threads !== undefined) process.env['TF_NUM_INTRAOP_THREADS'] ??= String(threads)
  loaded = loadRuntime(runtime)
  return loaded
}

/**
 * TensorFlow reads its settings from the environment of the process, as its addon has no other way to set
 * them; a thread must share that environment.
 * @throws SegscopeError `engine-not-loaded`
 */
async function loadRuntime(runtime: InstalledRuntime): Promise<NativeTensorFlow> {
  const { env } = process
  // Without it TensorFlow takes the whole memory of a GPU at its start.
  env['TF_FORCE_GPU_ALLOW_GROWTH'] ??= 'true'
  // What it would say of its own affairs on standard error.
  env['TF_CPP_MIN_LOG_LEVEL'] ??= '2'
  // Or NVIDIA's libraries round factors to 10 bits, and results are not what the other engine gives. They read it when they load.
  env['NVIDIA_TF32_OVERRIDE'] ??= '0'
  // Its default where it speaks of it.
  env['TF_ENABLE_ONEDNN_OPTS'] ??= '1'
  restoreRemovedFunctions()
  const load = createRequire(import.meta.url)
  try {
    const core = load('@tensorflow/tfjs') as TensorFlowCore
    const { NodeJSKernelBackend } = load('@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js') as {
      NodeJSKernelBackend: new (binding: unknown, packageName: string) => TensorFlowBackend
    }
    const binding = load(runtime.binding) as { TF_Version: string }
    const backend = new NodeJSKernelBackend(binding, '@tensorflow/tfjs-node-gpu')
    core.registerBackend('tensorflow', () => backend, 3)
    await core.setBackend('tensorflow')
    await core.ready()
    const device = backend.isUsingGpuDevice ? 'gpu' : 'cpu'
    return { core, backend, version: binding.TF_Version, device, runtime }
  } catch (cause) {
    throw new SegscopeError('engine-not-loaded', `TensorFlow does not load: ${describeError(cause)}`, {
      file: runtime.folder,
      cause,
      remedy:
        'Install it again in the settings or by "npx segscope runtime install tensorflow", or choose another engine.',
    })
  }
}

/** tfjs-node calls two functions that Node 23 has removed. */
function restoreRemovedFunctions(): void {
  const utilities = util as unknown as Record<string, unknown>
  utilities['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined
  utilities['isArray'] ??= Array.isArray
}
