import { Option } from 'commander'
import { defaultEngine, engineNames } from '../../model/engine/engines.ts'
import { chooseCompute, titleOf } from '../services/compute-choice.ts'
import { withFallback } from '../services/engine-fallback.ts'
import { EngineMeasurements } from '../services/engine-measurements.ts'
import { SettingsStore } from '../services/settings-store.ts'
import { settingsFolder } from '../services/user-folders.ts'
import type { Reporter } from '../terminal/reporter.ts'

/** `--engine` of the commands that compute. */
export function engineOption(): Option {
  return new Option(
    '--engine <name>',
    'what computes (otherwise what the settings say, or the quickest of those measured on this computer)',
  ).choices(engineNames)
}

/**
 * Does work with the engine that was named, or with the one that the application would choose; that one may be replaced by the default
 * one where it cannot be loaded, which is said.
 * @param wished by `--engine`
 * @param work given the engine's name
 */
export async function withChosenEngine<Result>(
  wished: string | undefined,
  kind: 'training' | 'prediction',
  reporter: Reporter,
  work: (engine: string) => Promise<Result>,
): Promise<Result> {
  if (wished !== undefined) return await work(wished)
  const folder = settingsFolder()
  const settings = await SettingsStore.open(folder)
  const measurements = await EngineMeasurements.open(folder)
  const { engine, reason } = chooseCompute(settings.get(), measurements.list())[kind]
  // What everybody has needs no word, unless it stands in for another one.
  if (engine !== defaultEngine || settings.get().compute.engine !== null) {
    reporter.info(`Computing with ${titleOf(engine)}. ${reason}`)
  }
  return await withFallback(engine, work, (name, why) => {
    reporter.warn(`${titleOf(name)} cannot be used, so ${titleOf(defaultEngine)} computes: ${why.message}`)
  })
}
