import { availableParallelism, cpus, freemem, totalmem } from 'node:os'
import type { Command } from 'commander'
import { describeError, SegscopeError } from '../../model/errors.ts'
import { runCommand } from '../terminal/run-command.ts'
import { segscopeVersion } from '../version.ts'

/** A part of Segscope with native code: its version, or why it does not load on this machine. */
type NativePart = { version: string } | { problem: string }

interface Machine {
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
  engine: { name: string; device: string; reason: string } | null
}

/** Adds `segscope doctor`: what this machine has, and which engine would run on it. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('print what this machine has, and which engine would run on it and why')
    .action(
      runCommand(async (_options, { reporter }) => {
        const machine = await examineMachine()
        reporter.result({ ...machine }, describeMachine(machine))
        const problems = [machine.onnxRuntime, machine.sqlite].flatMap((part) =>
          'problem' in part ? [part.problem] : [],
        )
        if (problems.length > 0) {
          throw new SegscopeError('installation-incomplete', problems.join(' '), {
            remedy: 'Run "npm ci" again.',
          })
        }
      }),
    )
}

async function examineMachine(): Promise<Machine> {
  const onnxRuntime = await examineOnnxRuntime()
  return {
    segscope: segscopeVersion,
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGigabytes: toGigabytes(totalmem()),
    freeMemoryGigabytes: toGigabytes(freemem()),
    onnxRuntime,
    sqlite: await examineSqlite(),
    engine:
      'problem' in onnxRuntime
        ? null
        : {
            name: 'onnxruntime',
            device: 'cpu',
            reason: 'the one engine of this version; it trains and segments on the processor of any machine',
          },
  }
}

async function examineOnnxRuntime(): Promise<Machine['onnxRuntime']> {
  try {
    const { env, listSupportedBackends } = await import('onnxruntime-node')
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

function describeMachine(machine: Machine): string {
  const { onnxRuntime, sqlite, engine } = machine
  const memory = `${machine.memoryGigabytes} GB, ${machine.freeMemoryGigabytes} GB free`
  const rows = [
    ['Segscope', machine.segscope],
    ['Node', `${machine.node} on ${machine.platform}`],
    ['Processor', `${machine.cpu}, ${machine.cores} cores`],
    ['Memory', memory],
    ['ONNX Runtime', 'problem' in onnxRuntime ? 'does not load' : onnxRuntime.version],
    ['  backends', onnxRuntime.backends?.join(', ') ?? 'none'],
    ['SQLite', 'problem' in sqlite ? 'does not load' : sqlite.version],
    ['Engine', engine === null ? 'none' : `${engine.name} on ${engine.device}: ${engine.reason}`],
  ] as const
  return rows.map(([name, value]) => `${name.padEnd(14)}${value}`).join('\n')
}

function toGigabytes(bytes: number): number {
  return Math.round(bytes / 1e8) / 10
}
