import { createRequire } from 'node:module'
import { SegscopeError } from '../errors.ts'
import type { Engine } from './engine.ts'
import { listInstalledRuntimes } from './tensorflow/installed-runtime.ts'

const load = createRequire(import.meta.url)

interface KnownEngine {
  /** Loaded when it is asked for: each brings a large native library. */
  load: () => Promise<Engine>
  /** Of what is on this machine, as the engine's description says it; undefined where something is missing. */
  installedVersion: () => string | undefined
  /** As the engine's own `trains`. */
  trains: boolean
  /** The only system that it exists for. */
  system?: NodeJS.Platform
}

const onnxRuntimeVersion = (): string =>
  (load('onnxruntime-node/package.json') as { version: string }).version

const engines: Readonly<Record<string, KnownEngine>> = {
  onnxruntime: {
    load: async () => (await import('./onnxruntime/index.ts')).onnxRuntimeEngine,
    installedVersion: onnxRuntimeVersion,
    trains: true,
  },
  'onnxruntime-webgpu': {
    load: async () => (await import('./onnxruntime/gpu.ts')).openGpuEngine('onnxruntime-webgpu', 'webgpu'),
    installedVersion: onnxRuntimeVersion,
    trains: false,
  },
  'onnxruntime-directml': {
    load: async () => (await import('./onnxruntime/gpu.ts')).openGpuEngine('onnxruntime-directml', 'dml'),
    installedVersion: onnxRuntimeVersion,
    trains: false,
    system: 'win32',
  },
  tensorflow: {
    load: async () => (await import('./tensorflow/index.ts')).openTensorFlowEngine(),
    installedVersion: () => listInstalledRuntimes()[0]?.version,
    trains: true,
  },
}

/** The engines that exist for a system, in the order in which they are shown. */
export function enginesOf(system: NodeJS.Platform): readonly string[] {
  return Object.keys(engines).filter((name) => [undefined, system].includes(engines[name]?.system))
}

/** Those that exist for this computer's system. */
export const engineNames: readonly string[] = enginesOf(process.platform)

/** The engine that runs where nothing speaks for another one: it runs on every machine. */
export const defaultEngine = 'onnxruntime'

/** The version of an engine on this machine; undefined where it, or what it needs beside the npm packages, is not there. */
export function installedVersion(name: string): string | undefined {
  return engines[name]?.installedVersion()
}

/** Whether an engine trains, too: all predict. */
export function engineTrains(name: string): boolean {
  return engines[name]?.trains === true
}

/** @throws SegscopeError `unknown-engine`, `engine-not-installed`, `engine-not-loaded`, `gpu-missing` */
export async function loadEngine(name: string): Promise<Engine> {
  const engine = engines[name]
  if (engine === undefined) {
    throw new SegscopeError('unknown-engine', `There is no engine called "${name}".`, {
      remedy: `Choose one of: ${engineNames.join(', ')}.`,
    })
  }
  return await engine.load()
}
