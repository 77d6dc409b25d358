import { SegscopeError } from '../errors.ts'
import type { Engine } from './engine.ts'

/** Engines by name, loaded when they are asked for: each brings a large native library. */
const loaders: Readonly<Record<string, () => Promise<Engine>>> = {
  onnxruntime: async () => (await import('./onnxruntime/index.ts')).onnxRuntimeEngine,
}

export const engineNames: readonly string[] = Object.keys(loaders)

/** The engine that runs where nobody chose one. */
export const defaultEngine = 'onnxruntime'

/** @throws SegscopeError `unknown-engine` */
export async function loadEngine(name: string): Promise<Engine> {
  const load = loaders[name]
  if (load === undefined) {
    throw new SegscopeError('unknown-engine', `There is no engine called "${name}".`, {
      remedy: `Choose one of: ${engineNames.join(', ')}.`,
    })
  }
  return load()
}
