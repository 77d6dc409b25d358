import type { ComputeLimits } from '../../model/engine/compute-limits.ts'
import { defaultEngine, engineTrains } from '../../model/engine/engines.ts'
import { type EngineFigures, type EngineMeasurement, engineTitles } from '../../preload/contract/engines.ts'
import type { Settings } from '../../preload/contract/settings.ts'
import { type EngineState, engineStates } from './engine-states.ts'

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
  trains: (figures: EngineFigures): number | undefined => figures.stepMilliseconds,
  predicts: (figures: EngineFigures): number | undefined => figures.forwardMilliseconds,
}

function chooseEngine(
  wished: string | null,
  measurements: readonly EngineMeasurement[],
  work: keyof typeof durations,
): EngineChoice {
  const states = engineStates(measurements)
  const { engine, reason } = chooseQuickest(states, work)
  if (wished === null) {
    // What this computer lacks it need not have: only what fails is to be heard of.
    const failures = states
      .filter((state) => work === 'predicts' || engineTrains(state.name))
      .filter(({ problem }) => problem !== undefined && problem.code !== 'gpu-missing')
      .map(({ name }) => `${titleOf(name)} cannot be used here.`)
    return { engine, reason: [reason, ...failures].join(' ') }
  }
  const state = states.find(({ name }) => name === wished)
  const why = state === undefined ? 'This Segscope does not have it.' : whyUnusable(state, work)
  if (why === undefined) return { engine: wished, reason: 'You chose it.' }
  return { engine, reason: `You chose ${titleOf(wished)}. ${why} In its place: ${reason}` }
}

function chooseQuickest(states: readonly EngineState[], work: keyof typeof durations): EngineChoice {
  const usable = states.filter((state) => whyUnusable(state, work) === undefined)
  const [quickest, ...slower] = usable
    .flatMap(({ name, figures }) => {
      const milliseconds = figures && durations[work](figures)
      return milliseconds === undefined ? [] : { name, milliseconds }
    })
    .toSorted((one, other) => one.milliseconds - other.milliseconds)
  if (quickest !== undefined && slower.length > 0) {
    return { engine: quickest.name, reason: `It ${work} quickest of those measured here.` }
  }
  const reason =
    usable.length > 1 ? 'It runs everywhere; not all are measured yet.' : 'It is the only one here.'
  return { engine: defaultEngine, reason }
}

/** Why an engine cannot do this work, as a sentence; undefined where nothing speaks against it. */
function whyUnusable(
  { name, version, problem }: EngineState,
  work: keyof typeof durations,
): string | undefined {
  if (work === 'trains' && !engineTrains(name)) return 'It predicts only.'
  if (version === undefined) return `${titleOf(name)} is not installed on this computer.`
  return problem && `${titleOf(name)} cannot be used here: ${problem.message}`
}

/** What an engine is called outside of our code. */
export function titleOf(name: string): string {
  return engineTitles[name] ?? name
}
