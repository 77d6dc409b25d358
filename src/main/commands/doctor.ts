import type { Command } from 'commander'
import { SegscopeError } from '../../model/errors.ts'
import { examineMachine, type Machine, machineFacts, machineProblems } from '../services/machine.ts'
import { chooseCompute, type EngineChoice, titleOf } from '../services/compute-choice.ts'
import { EngineMeasurements } from '../services/engine-measurements.ts'
import { type EngineState, engineStates } from '../services/engine-states.ts'
import { SettingsStore } from '../services/settings-store.ts'
import { settingsFolder } from '../services/user-folders.ts'
import { runCommand } from '../terminal/run-command.ts'

interface DoctorReport extends Machine {
  engines: EngineState[]
  /** What would compute, and why. */
  training: EngineChoice
  prediction: EngineChoice
}

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
  const folder = settingsFolder()
  const settings = await SettingsStore.open(folder)
  const measurements = (await EngineMeasurements.open(folder)).list()
  const { training, prediction } = chooseCompute(settings.get(), measurements)
  return { ...(await examineMachine()), engines: engineStates(measurements), training, prediction }
}

function describeReport({ engines, training, prediction, ...machine }: DoctorReport): string {
  const rows = [
    ...machineFacts(machine),
    { name: 'Engines', value: '' },
    ...engines.map((state) => ({ name: `  ${titleOf(state.name)}`, value: describeEngine(state) })),
    { name: 'Trains', value: describeChoice(training) },
    { name: 'Predicts', value: describeChoice(prediction) },
  ]
  return rows.map(({ name, value }) => `${name.padEnd(26)}${value}`.trimEnd()).join('\n')
}

function describeChoice({ engine, reason }: EngineChoice): string {
  return `${titleOf(engine)}. ${reason}`
}

function describeEngine({ version, figures, problem }: EngineState): string {
  if (version === undefined) return 'not installed (docs/engines.md)'
  if (problem !== undefined) return `${version}, cannot be used: ${problem.message}`
  if (figures === undefined) return `${version}, not measured yet: the application does it, or its settings`
  const { device, threads, forwardMilliseconds, stepMilliseconds, measured } = figures
  const training = stepMilliseconds === undefined ? '' : ` and ${stepMilliseconds.toFixed(0)} ms to train on`
  const durations = `${forwardMilliseconds.toFixed(0)} ms to predict${training} 8 patches of 128 x 128`
  return `${version} on ${device}, ${threads} threads: ${durations} (${measured.slice(0, 10)})`
}
