import { Argument, type Command, Option } from 'commander'
import { compareVersions } from '../runtime/wheel-file.ts'
import { chooseWheels, tensorFlowSeries } from '../runtime/choose-wheels.ts'
import { examineMachine } from '../runtime/examine-machine.ts'
import type { WheelSource } from '../runtime/package-index.ts'
import { installPhases } from '../runtime/install-phases.ts'
import { installTensorFlow, type InstallEvent, removeTensorFlow } from '../runtime/install-tensorflow.ts'
import { parseWheelSource, wheelSource } from '../runtime/wheel-source.ts'
import { SegscopeError } from '../../model/errors.ts'
import {
  type InstalledRuntime,
  listInstalledRuntimes,
  runtimesFolder,
} from '../../model/engine/tensorflow/installed-runtime.ts'
import { engineNames, installedVersion } from '../../model/engine/engines.ts'
import type { EngineMeasurement } from '../../preload/contract/engines.ts'
import { titleOf } from '../services/compute-choice.ts'
import { EngineMeasurements } from '../services/engine-measurements.ts'
import { measureAndKeep } from '../services/measure-and-keep.ts'
import { SettingsStore } from '../services/settings-store.ts'
import { settingsFolder } from '../services/user-folders.ts'
import type { Reporter } from '../terminal/reporter.ts'
import { type CommandContext, type CommonOptions, runCommand } from '../terminal/run-command.ts'

interface InstallOptions extends CommonOptions {
  cpu?: true
  gpu?: true
  index?: string
}

/** Adds `segscope runtime`: what engines need beside the npm packages. */
export function addRuntimeCommand(program: Command): void {
  const runtime = program
    .command('runtime')
    .description('install, list, upgrade and remove what engines need beside Segscope')
  const names = (): Argument => new Argument('<engine>', 'whose runtime').choices(['tensorflow'])
  const index = (): Option =>
    new Option(
      '--index <address or folder>',
      "a Python package index, or a folder of wheels (otherwise the settings', pip's, or the public one)",
    )

  runtime
    .command('install')
    .description('download a runtime, build what it needs on this machine, and try it')
    .addArgument(names())
    .addOption(new Option('--cpu', 'for the processor').conflicts('gpu'))
    .addOption(new Option('--gpu', 'for an NVIDIA GPU').conflicts('cpu'))
    .addOption(index())
    .action((_name: string, options: InstallOptions) => runCommand(installCommand)(options))
  runtime
    .command('upgrade')
    .description('install the newest version that this Segscope works with, where there is a newer one')
    .addArgument(names())
    .addOption(index())
    .action((_name: string, options: InstallOptions) => runCommand(upgradeCommand)(options))
  runtime
    .command('list')
    .description('list the installed runtimes')
    .action((options: CommonOptions) => runCommand(listCommand)(options))
  runtime
    .command('remove')
    .description('remove a runtime from this machine')
    .addArgument(names())
    .action((_name: string, options: CommonOptions) => runCommand(removeCommand)(options))
}

async function installCommand(
  { cpu, gpu, index }: InstallOptions,
  { reporter, signal }: CommandContext,
): Promise<void> {
  const variant = cpu === true ? 'cpu' : gpu === true ? 'gpu' : undefined
  await install(variant, index, { reporter, signal })
}

async function upgradeCommand(
  { index }: InstallOptions,
  { reporter, signal }: CommandContext,
): Promise<void> {
  const [installed] = listInstalledRuntimes()
  if (installed === undefined) {
    throw new SegscopeError('engine-not-installed', 'The TensorFlow runtime is not installed.', {
      remedy: 'Run "npx segscope runtime install tensorflow".',
    })
  }
  const { platform } = await examineMachine()
  const { version } = await chooseWheels(await sourceOf(index), installed.variant, platform, signal)
  if (compareVersions(version, installed.version) <= 0) {
    reporter.result(
      { upgraded: false, version: installed.version },
      `TensorFlow ${installed.version} is the newest of the series ${tensorFlowSeries}, which this Segscope works with.`,
    )
    return
  }
  await install(installed.variant, index, { reporter, signal })
}

async function install(
  variant: 'cpu' | 'gpu' | undefined,
  index: string | undefined,
  { reporter, signal }: CommandContext,
): Promise<void> {
  const folder = runtimesFolder()
  const source = await sourceOf(index)
  const runtime = await installTensorFlow({
    folder,
    source,
    variant,
    signal,
    onEvent: (event) => tell(event, folder, reporter),
  })
  const measured = await measureAll(reporter, signal)
  reporter.result(
    { ...runtime, measured },
    [
      `TensorFlow ${runtime.version} works on this machine (${runtime.device}); it takes ${gigabytes(runtime.size)} GB in ${runtime.folder}.`,
      ...measured.map(describeMeasurement),
      'What is quicker is taken from now on; --engine names another one.',
    ].join('\n'),
  )
}

/** @param index as the person wrote it */
async function sourceOf(index: string | undefined): Promise<WheelSource> {
  if (index !== undefined) return parseWheelSource(index)
  return await wheelSource((await SettingsStore.open(settingsFolder())).get().packageSource)
}

/** Measures all engines beside one another, so that what is quicker can be chosen. */
async function measureAll(reporter: Reporter, signal: AbortSignal): Promise<EngineMeasurement[]> {
  const measurements = await EngineMeasurements.open(settingsFolder())
  const installed = engineNames.filter((name) => installedVersion(name) !== undefined)
  const measured: EngineMeasurement[] = []
  for (const name of installed) {
    const show = (fraction: number): void => reporter.progress(fraction, `measuring ${titleOf(name)}`)
    measured.push(await measureAndKeep(name, {}, measurements, show, signal))
  }
  return measured
}

function describeMeasurement(measurement: EngineMeasurement): string {
  const title = titleOf(measurement.name)
  if ('problem' in measurement) return `${title} cannot be used: ${measurement.problem.message}`
  const { forwardMilliseconds, stepMilliseconds } = measurement
  const training =
    stepMilliseconds === undefined ? '' : `, ${stepMilliseconds.toFixed(0)} ms to train on them`
  return `${title}: ${forwardMilliseconds.toFixed(0)} ms to predict 8 patches of 128 x 128${training}.`
}

function tell(event: InstallEvent, folder: string, reporter: Reporter): void {
  if (event.kind === 'progress') {
    reporter.progress(event.fraction, installPhases[event.phase])
    return
  }
  const size = event.downloadBytes === undefined ? 'of unknown size' : `${gigabytes(event.downloadBytes)} GB`
  const files = event.files === 1 ? 'one file' : `${event.files} files`
  reporter.info(
    `TensorFlow ${event.version} for ${event.variant === 'gpu' ? 'NVIDIA GPUs' : 'the processor'}: ${files}, ${size}, into ${folder}.`,
  )
}

async function listCommand(_options: CommonOptions, { reporter }: CommandContext): Promise<void> {
  const runtimes = listInstalledRuntimes()
  reporter.result(
    { runtimes },
    runtimes.length === 0
      ? 'No runtime is installed. "npx segscope runtime install tensorflow" installs one.'
      : runtimes.map(describe).join('\n'),
  )
}

async function removeCommand(_options: CommonOptions, { reporter }: CommandContext): Promise<void> {
  const removed = await removeTensorFlow(runtimesFolder())
  reporter.result(
    { removed: removed.map(({ folder }) => folder) },
    removed.length === 0 ? 'No runtime was installed.' : `Removed:\n${removed.map(describe).join('\n')}`,
  )
}

function describe({ version, variant, device, size, folder }: InstalledRuntime): string {
  return `TensorFlow ${version} (${variant}, computes on ${device}), ${gigabytes(size)} GB, ${folder}`
}

function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(2)
}
