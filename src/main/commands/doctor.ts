import type { Command } from 'commander'
import { defaultEngine } from '../../model/engine/engines.ts'
import { CancelledError, SegscopeError } from '../../model/errors.ts'
import type { Problem } from '../../preload/contract/base.ts'
import type { EngineMeasurement } from '../../preload/contract/engines.ts'
import { openInProcess } from '../compute/engine-session.ts'
import { examineMachine, type Machine, machineFacts, machineProblems } from '../services/machine.ts'
import { chooseCompute, type EngineChoice, titleOf } from '../services/compute-choice.ts'
import { EngineMeasurements } from '../services/engine-measurements.ts'
import { type EngineState, engineStates } from '../services/engine-states.ts'
import { SettingsStore } from '../services/settings-store.ts'
import { settingsFolder } from '../services/user-folders.ts'
import { toProblem } from '../to-problem.ts'
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
      runCommand(async (_options, { reporter, signal }) => {
        const machine = await report(signal)
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

async function report(signal: AbortSignal): Promise<DoctorReport> {
  const folder = settingsFolder()
  const settings = await SettingsStore.open(folder)
  const measurements = await tryUnmeasured((await EngineMeasurements.open(folder)).list(), signal)
  const { training, prediction } = chooseCompute(settings.get(), measurements)
  return { ...(await examineMachine()), engines: engineStates(measurements), training, prediction }
}

/**
 * What is known of engines, and of those that were not measured why they cannot be used, where opening them tells. One that found no GPU
 * is tried again, as a GPU or its driver may have come since.
 */
async function tryUnmeasured(
  kept: readonly EngineMeasurement[],
  signal: AbortSignal,
): Promise<EngineMeasurement[]> {
  const known = kept.filter((each) => !('problem' in each && each.problem.code === 'gpu-missing'))
  const failures = engineStates(known).map(async ({ name, version, figures, problem }) => {
    // What examining the machine has loaded already needs no try.
    if (name === defaultEngine || version === undefined) return []
    if (figures !== undefined || problem !== undefined) return []
    try {
      await openInProcess(name, signal)
      return []
    } catch (thrown) {
      if (!(thrown instanceof SegscopeError) || thrown instanceof CancelledError) throw thrown
      return { name, version, problem: toProblem(thrown), measured: new Date().toISOString() }
    }
  })
  return [...known, ...(await Promise.all(failures)).flat()]
}

function describeReport({ engines, training, prediction, ...machine }: DoctorReport): string {
  const rows = [
    ...machineFacts(machine),
    { name: 'Engines', value: '' },
    ...engines.map((state) => ({ name: `  ${titleOf(state.name)}`, value: describeEngine(state) })),
    { name: 'Trains', value: describeChoice(training) },
    { name: 'Predicts', value: describeChoice(prediction) },
  ]
  return rows.map(({ name, value }) => `${name.padEnd(28)}${value}`.trimEnd()).join('\n')
}

function describeChoice({ engine, reason }: EngineChoice): string {
  return `${titleOf(engine)}. ${reason}`
}

function describeEngine({ version, figures, problem }: EngineState): string {
  if (version === undefined) return 'not installed (docs/engines.md)'
  if (problem?.code === 'gpu-missing') return `${version}. ${describeProblem(problem)}`
  if (problem !== undefined) return `${version}, cannot be used: ${describeProblem(problem)}`
  if (figures === undefined) return `${version}, not measured yet: the application does it, or its settings`
  const { device, threads, forwardMilliseconds, stepMilliseconds, measured } = figures
  const training = stepMilliseconds === undefined ? '' : ` and ${stepMilliseconds.toFixed(0)} ms to train on`
  const durations = `${forwardMilliseconds.toFixed(0)} ms to predict${training} 8 patches of 128 x 128`
  return `${version} on ${device}, ${threads} threads: ${durations} (${measured.slice(0, 10)})`
}

function describeProblem({ message, remedy = '' }: Problem): string {
  return `${message} ${remedy}`.trimEnd()
}
