import { engineNames, installedVersion } from '../../model/engine/engines.ts'
import type { Problem } from '../../preload/contract/base.ts'
import type { EngineFigures, EngineMeasurement } from '../../preload/contract/engines.ts'

export interface EngineState {
  name: string
  /** Of what is installed; undefined where something is missing. */
  version: string | undefined
  /** Measured on this computer, in this version. */
  figures?: EngineFigures
  /** Why it cannot be used. */
  problem?: Problem
}

/** All engines, and what is known of them on this computer: what was measured of another version says nothing of this one. */
export function engineStates(measurements: readonly EngineMeasurement[]): EngineState[] {
  return engineNames.map((name) => {
    const version = installedVersion(name)
    const found = measurements.find((each) => each.name === name && each.version === version)
    if (found === undefined) return { name, version }
    return 'problem' in found ? { name, version, problem: found.problem } : { name, version, figures: found }
  })
}
