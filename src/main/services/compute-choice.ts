import type { ComputeLimits } from '../../model/engine/compute-limits.ts'
import { defaultEngine, engineNames } from '../../model/engine/engines.ts'
import { type EngineFigures, type EngineMeasurement, engineTitles } from '../../preload/contract/engines.ts'
import type { Settings } from '../../preload/contract/settings.ts'
import { engineStates } from './engine-states.ts'

export interface EngineChoice {
  /** An engine's name. */
  engine: string
  /** Why this one, as sentences. */
  reason: string
}

/** What computes, and what it may use. */
export interface ComputeChoice {
  training: EngineChoice
  prediction: EngineChoice
  limits: ComputeLimits
}

/** How what computes is chosen and used, as `Application` does it. */
export interface Computing {
  compute: () => ComputeChoice
  /** Does work with an engine, given its name, and with the default one where that cannot be loaded. */
  computeWith: <Result>(engine: string, work: (engine: string) => Promise<Result>) => Promise<Result>
}

/**
 * The engine that a person chose, where it can be used; else of those that were measured here the quickest at the work in question.
 * Only an engine that has passed its self-test has figures.
 */
export function chooseCompute(
  { compute: { engine: wished, threads, memoryGigabytes } }: Pick<Settings, 'compute'>,
  measurements: readonly EngineMeasurement[],
): ComputeChoice {
  const choose = (work: keyof typeof durations): EngineChoice => chooseEngine(wished, measurements, work)
  return {
    training: choose('trains'),
    prediction: choose('predicts'),
    limits: {
      ...(threads !== null && { threads }),
      ...(memoryGigabytes !== null && { memoryGigabytes }),
    },
  }
}

const durations = {
  trains: (figures: EngineFigures): number => figures.stepMilliseconds,
  predicts: (figures: EngineFigures): number => figures.forwardMilliseconds,
}

function chooseEngine(
  wished: string | null,
  measurements: readonly EngineMeasurement[],
  work: keyof typeof durations,
): EngineChoice {
  if (wished === null) {
    const { engine, reason } = chooseQuickest(measurements, work)
    // What is not installed need not be: only what fails is to be heard of.
    const failures = engineNames.flatMap((name) => {
      const why = whyUnusable(name, measurements)
      return why?.kind === 'failed' ? [why.sentence] : []
    })
    return { engine, reason: [reason, ...failures].join(' ') }
  }
  const why = whyUnusable(wished, measurements)
  if (why === undefined) return { engine: wished, reason: 'You chose it.' }
  const { engine, reason } = chooseQuickest(measurements, work)
  return { engine, reason: `You chose ${titleOf(wished)}. ${why.sentence} In its place: ${reason}` }
}

function chooseQuickest(
  measurements: readonly EngineMeasurement[],
  work: keyof typeof durations,
): EngineChoice {
  const usable = engineStates(measurements).filter(
    ({ version, problem }) => version !== undefined && problem === undefined,
  )
  const duration = durations[work]
  const [quickest, ...slower] = usable
    .flatMap(({ figures }) => figures ?? [])
    .toSorted((one, other) => duration(one) - duration(other))
  if (quickest !== undefined && slower.length > 0) {
    return { engine: quickest.name, reason: `It ${work} quickest of those measured here.` }
  }
  const reason =
    usable.length > 1 ? 'It runs everywhere; not all are measured yet.' : 'It is the only one here.'
  return { engine: defaultEngine, reason }
}

/** Why an engine cannot be used, as a sentence; undefined where nothing speaks against it. */
function whyUnusable(
  name: string,
  measurements: readonly EngineMeasurement[],
): { kind: 'absent' | 'failed'; sentence: string } | undefined {
  const state = engineStates(measurements).find((each) => each.name === name)
  if (state === undefined) return { kind: 'absent', sentence: 'This Segscope does not have it.' }
  const { version, problem } = state
  if (version === undefined) {
    return { kind: 'absent', sentence: `${titleOf(name)} is not installed on this computer.` }
  }
  if (problem === undefined) return undefined
  return { kind: 'failed', sentence: `${titleOf(name)} cannot be used here: ${problem.message}` }
}

/** What an engine is called outside of our code. */
export function titleOf(name: string): string {
  return engineTitles[name] ?? name
}
