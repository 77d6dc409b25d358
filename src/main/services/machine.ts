import { availableParallelism, cpus, freemem, totalmem } from 'node:os'
import { describeError } from '../../model/errors.ts'
import { segscopeVersion } from '../version.ts'

/** A part of Segscope with native code: its version, or why it does not load on this machine. */
export type NativePart = { version: string } | { problem: string }

/** What this machine has, as `segscope doctor` and the settings show it. */
export interface Machine {
  segscope: string
  node: string
  platform: string
  cpu: string
  /** That this process may use; containers allow fewer than the machine has. */
  cores: number
  memoryGigabytes: number
  freeMemoryGigabytes: number
  onnxRuntime: NativePart & { backends?: string[] }
  sqlite: NativePart
}

/** Loads each native part to see whether it does. */
export async function examineMachine(): Promise<Machine> {
  return {
    segscope: segscopeVersion,
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGigabytes: toGigabytes(totalmem()),
    freeMemoryGigabytes: toGigabytes(freemem()),
    onnxRuntime: await examineOnnxRuntime(),
    sqlite: await examineSqlite(),
  }
}

/** The facts to be read, in order. */
export function machineFacts(machine: Machine): { name: string; value: string }[] {
  const { onnxRuntime, sqlite } = machine
  return [
    { name: 'Segscope', value: machine.segscope },
    { name: 'Node', value: `${machine.node} on ${machine.platform}` },
    { name: 'Processor', value: `${machine.cpu}, ${machine.cores} cores` },
    { name: 'Memory', value: `${machine.memoryGigabytes} GB, ${machine.freeMemoryGigabytes} GB free` },
    { name: 'ONNX Runtime', value: 'problem' in onnxRuntime ? 'does not load' : onnxRuntime.version },
    { name: '  Backends', value: onnxRuntime.backends?.join(', ') ?? 'none' },
    { name: 'SQLite', value: 'problem' in sqlite ? 'does not load' : sqlite.version },
  ]
}

/** Why parts do not load, and what cannot be done then. */
export function machineProblems({ onnxRuntime, sqlite }: Machine): string[] {
  return [onnxRuntime, sqlite].flatMap((part) => ('problem' in part ? [part.problem] : []))
}

async function examineOnnxRuntime(): Promise<Machine['onnxRuntime']> {
  try {
    const { env, listSupportedBackends } = await import('../../model/engine/onnxruntime/library.ts')
    return {
      version: env.versions.node ?? env.versions.common,
      backends: listSupportedBackends().map(({ name, bundled }) =>
        bundled ? name : `${name} (not installed)`,
      ),
    }
  } catch (error) {
    return { problem: `ONNX Runtime does not load, so that nothing can be computed: ${describeError(error)}` }
  }
}

async function examineSqlite(): Promise<NativePart> {
  try {
    const { default: Database } = await import('better-sqlite3')
    const database = new Database(':memory:')
    const version = database.prepare<[], string>('SELECT sqlite_version()').pluck().get()
    database.close()
    return { version: version ?? 'unknown' }
  } catch (error) {
    return { problem: `SQLite does not load, so that no project can be opened: ${describeError(error)}` }
  }
}

function toGigabytes(bytes: number): number {
  return Math.round(bytes / 1e8) / 10
}
