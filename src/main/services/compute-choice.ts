import type { ComputeLimits } from '../../model/engine/compute-limits.ts'
import { defaultEngine, engineNames, isEngineInstalled } from '../../model/engine/engines.ts'
import type { Settings } from '../../preload/contract/settings.ts'
import type { EngineFigures } from '../../preload/contract/engines.ts'

/** What computes, and what it may use. */
export interface ComputeChoice {
  /** An engine's name. */
  engine: string
  /** Why this one, as a sentence. */
  reason: string
  limits: ComputeLimits
}

/** The engine that a person chose; else of those that were measured here the quickest to train. */
export function chooseCompute(
  { compute: { engine, threads, memoryGigabytes } }: Pick<Settings, 'compute'>,
  figures: readonly EngineFigures[],
): ComputeChoice {
  const limits = {
    ...(threads !== null && { threads }),
    ...(memoryGigabytes !== null && { memoryGigabytes }),
  }
  const installed = engineNames.filter(isEngineInstalled)
  if (engine !== null && installed.includes(engine)) {
    return { engine, reason: 'You chose it.', limits }
  }
  const [quickest, ...slower] = figures
    .filter(({ name }) => installed.includes(name))
    .toSorted((one, other) => one.stepMilliseconds - other.stepMilliseconds)
  if (quickest === undefined || slower.length === 0) {
    const only = installed.length === 1 ? 'It is the only one.' : 'It runs everywhere; measure to compare.'
    return { engine: defaultEngine, reason: only, limits }
  }
  return { engine: quickest.name, reason: 'It trains quickest of those measured here.', limits }
}
