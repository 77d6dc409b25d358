import type { ComputeLimits } from '../../model/engine/compute-limits.ts'
import { installedVersion } from '../../model/engine/engines.ts'
import { CancelledError, SegscopeError } from '../../model/errors.ts'
import type { EngineMeasurement } from '../../preload/contract/engines.ts'
import { measureInProcess } from '../compute/engine-session.ts'
import { toProblem } from '../to-problem.ts'
import type { EngineMeasurements } from './engine-measurements.ts'

/**
 * Measures an engine in a process of its own and keeps what that gives: its figures, or why it cannot be used.
 * @param onProgress given a fraction, 0 to 1
 * @throws SegscopeError `engine-not-installed`, or where it cannot be kept; CancelledError
 */
export async function measureAndKeep(
  name: string,
  limits: ComputeLimits,
  measurements: EngineMeasurements,
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<EngineMeasurement> {
  signal.throwIfAborted()
  const version = installedVersion(name)
  if (version === undefined) {
    throw new SegscopeError('engine-not-installed', 'This engine is not installed.', {
      remedy: 'Install it first.',
    })
  }
  let measurement: EngineMeasurement
  try {
    measurement = await measureInProcess(name, limits, onProgress, signal)
  } catch (thrown) {
    if (thrown instanceof CancelledError || !(thrown instanceof SegscopeError)) throw thrown
    measurement = { name, version, problem: toProblem(thrown), measured: new Date().toISOString() }
  }
  await measurements.keep(measurement)
  return measurement
}
