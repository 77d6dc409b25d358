import type { Command } from 'commander'
import { SegscopeError } from '../../model/errors.ts'
import { examineMachine, type Machine, machineFacts, machineProblems } from '../services/machine.ts'
import { runCommand } from '../terminal/run-command.ts'

type DoctorReport = Machine & { engine: { name: string; device: string; reason: string } | null }

/** Adds `segscope doctor`: what this machine has, and which engine would run on it. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('print what this machine has, and which engine would run on it and why')
    .action(
      runCommand(async (_options, { reporter }) => {
        const machine = await report()
        reporter.result({ ...machine }, describeReport(machine))
        const problems = machineProblems(machine)
        if (problems.length > 0) {
          throw new SegscopeError('installation-incomplete', problems.join(' '), {
            remedy: 'Run "npm ci" again.',
          })
        }
      }),
    )
}

async function report(): Promise<DoctorReport> {
  const machine = await examineMachine()
  return {
    ...machine,
    engine:
      'problem' in machine.onnxRuntime
        ? null
        : {
            name: 'onnxruntime',
            device: 'cpu',
            reason: 'the one engine of this version; it trains and segments on the processor of any machine',
          },
  }
}

function describeReport({ engine, ...machine }: DoctorReport): string {
  const rows = [
    ...machineFacts(machine),
    {
      name: 'Engine',
      value: engine === null ? 'none' : `${engine.name} on ${engine.device}: ${engine.reason}`,
    },
  ]
  return rows.map(({ name, value }) => `${name.padEnd(14)}${value}`).join('\n')
}
