import { readdirSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** What `runtime.json` in a runtime's folder says; written last, when the runtime has proved that it works. */
export interface RuntimeDescription {
  /** Of TensorFlow: '2.21.0'. */
  version: string
  /** With or without CUDA. */
  variant: 'cpu' | 'gpu'
  /** What the trial run computed on. */
  device: string
  /** Bytes on disk. */
  size: number
  /** Where the wheels came from: addresses or files. */
  sources: readonly string[]
  /** ISO 8601. */
  installed: string
}

export interface InstalledRuntime extends RuntimeDescription {
  folder: string
  /** The addon that Node loads. */
  binding: string
}

export const descriptionFile = 'runtime.json'

/**
 * The folder of TensorFlow's runtimes: in the user's data folder, or where SEGSCOPE_RUNTIMES says, for labs that install one runtime for
 * everybody.
 */
export function runtimesFolder(): string {
  const { SEGSCOPE_RUNTIMES, XDG_DATA_HOME, LOCALAPPDATA } = process.env
  if (SEGSCOPE_RUNTIMES !== undefined && SEGSCOPE_RUNTIMES !== '') return SEGSCOPE_RUNTIMES
  const data: Partial<Record<NodeJS.Platform, string>> = {
    win32: LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'),
    darwin: join(homedir(), 'Library', 'Application Support'),
  }
  const base = XDG_DATA_HOME ?? data[process.platform] ?? join(homedir(), '.local', 'share')
  return join(base, 'segscope', 'runtimes', 'tensorflow')
}

/** Where the addon lies in a runtime's folder. */
export function bindingPath(folder: string): string {
  return join(folder, 'binding', 'tfjs_binding.node')
}

/** The runtimes that are installed, the newest first. A folder without a description was never finished. */
export function listInstalledRuntimes(folder = runtimesFolder()): InstalledRuntime[] {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  return names
    .flatMap((name) => {
      const runtime = readRuntime(join(folder, name))
      return runtime === undefined ? [] : [runtime]
    })
    .sort((left, right) => right.installed.localeCompare(left.installed))
}

/** A runtime's folder read; undefined where it holds none. */
export function readRuntime(folder: string): InstalledRuntime | undefined {
  let text: string
  try {
    text = readFileSync(join(folder, descriptionFile), 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
  try {
    return { ...(JSON.parse(text) as RuntimeDescription), folder, binding: bindingPath(folder) }
  } catch (error) {
    // Cut off while it was written: the installation was never finished.
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
