import { SegscopeError } from '../errors.ts'
import type { Engine } from './engine.ts'
import { listInstalledRuntimes } from './tensorflow/installed-runtime.ts'

/** Engines by name, loaded when they are asked for: each brings a large native library. */
const loaders: Readonly<Record<string, () => Promise<Engine>>> = {
  onnxruntime: async () => (await import('./onnxruntime/index.ts')).onnxRuntimeEngine,
  tensorflow: async () => (await import('./tensorflow/index.ts')).openTensorFlowEngine(),
}

export const engineNames: readonly string[] = Object.keys(loaders)

/** The engine that runs where nobody chose one. */
export const defaultEngine = 'onnxruntime'

/** Whether what the engine needs beside the npm packages is on this machine. */
export function isEngineInstalled(name: string): boolean {
  return name !== 'tensorflow' || listInstalledRuntimes().length > 0
}

/** @throws SegscopeError `unknown-engine`, `engine-not-installed`, `engine-failed` */
export async function loadEngine(name: string): Promise<Engine> {
  const load = loaders[name]
  if (load === undefined) {
    throw new SegscopeError('unknown-engine', `There is no engine called "${name}".`, {
      remedy: `Choose one of: ${engineNames.join(', ')}.`,
    })
  }
  return load()
}
