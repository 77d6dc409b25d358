import { setTimeout as wait } from 'node:timers/promises'
import type { ComputeLimits } from '../../model/engine/compute-limits.ts'
import { engineNames, installedVersion } from '../../model/engine/engines.ts'
import { SegscopeError } from '../../model/errors.ts'
import type { JobList } from '../jobs/job-list.ts'
import { toProblem } from '../to-problem.ts'
import type { Changes } from './changes.ts'
import type { EngineMeasurements } from './engine-measurements.ts'
import { measureAndKeep } from './measure-and-keep.ts'

/** What a person does first is not to be slowed down. */
const millisecondsAfterStart = 20_000
/** How often it is looked whether the jobs have ended. */
const millisecondsBetweenLooks = 2_000

/** Measures engines, one after another, and keeps what that gives. */
export class EngineMeasuring {
  readonly #measurements: EngineMeasurements
  readonly #jobs: JobList
  readonly #limits: () => ComputeLimits
  readonly #changes: Changes
  /** Settles when the last that was asked for is done. */
  #turns: Promise<unknown> = Promise.resolve()
  #current: { name: string; fraction: number } | undefined

  /** @param changes told of progress and results */
  constructor(
    measurements: EngineMeasurements,
    jobs: JobList,
    limits: () => ComputeLimits,
    changes: Changes,
  ) {
    this.#measurements = measurements
    this.#jobs = jobs
    this.#limits = limits
    this.#changes = changes
  }

  /** The engine that is being measured, and how far that is, 0 to 1. */
  get current(): { name: string; fraction: number } | undefined {
    return this.#current
  }

  /**
   * Measures an engine in a process of its own, when those asked for before are done. Why it cannot be used is kept as its figures
   * would be.
   * @throws SegscopeError `unknown-engine`, `engine-not-installed`; CancelledError
   */
  async measure(name: string, signal: AbortSignal): Promise<void> {
    if (!engineNames.includes(name)) {
      throw new SegscopeError('unknown-engine', 'There is no engine of this name.', {
        remedy: `Choose one of: ${engineNames.join(', ')}.`,
      })
    }
    const turn = this.#turns.then(() => this.#measureNow(name, signal))
    this.#turns = turn.catch(() => undefined)
    await turn
  }

  /** What has gone wrong with an engine outside of measuring: it is not chosen again until it is measured again. */
  async keepFailure(name: string, reason: SegscopeError): Promise<void> {
    const version = installedVersion(name)
    if (version === undefined) return
    const problem = toProblem(reason)
    await this.#measurements.keep({ name, version, problem, measured: new Date().toISOString() })
    this.#changes.tell()
  }

  /**
   * Measures what is installed and was not measured in this version, a while after the start, and only while no job runs: one that begins
   * meanwhile ends the measurement, which is then made again.
   * @param signal ends it
   */
  async measureMissing(signal: AbortSignal, afterMilliseconds = millisecondsAfterStart): Promise<void> {
    try {
      await wait(afterMilliseconds, undefined, { signal, ref: false })
      for (const name of engineNames) {
        while (!this.#isMeasured(name)) await this.#measureWhileIdle(name, signal)
      }
    } catch (thrown) {
      if (!signal.aborted) throw thrown
    }
  }

  #isMeasured(name: string): boolean {
    const version = installedVersion(name)
    const isCurrent = this.#measurements.list().some((each) => each.name === name && each.version === version)
    return version === undefined || isCurrent
  }

  async #measureWhileIdle(name: string, signal: AbortSignal): Promise<void> {
    while (this.#jobs.running().length > 0) {
      await wait(millisecondsBetweenLooks, undefined, { signal, ref: false })
    }
    const idle = new AbortController()
    const look = setInterval(() => {
      if (this.#jobs.running().length > 0) idle.abort()
    }, millisecondsBetweenLooks)
    try {
      await this.measure(name, AbortSignal.any([signal, idle.signal]))
    } catch (thrown) {
      if (!idle.signal.aborted) throw thrown
    } finally {
      clearInterval(look)
    }
  }

  async #measureNow(name: string, signal: AbortSignal): Promise<void> {
    const show = (fraction: number): void => {
      this.#current = { name, fraction }
      this.#changes.tell()
    }
    show(0)
    try {
      await measureAndKeep(name, this.#limits(), this.#measurements, show, signal)
    } finally {
      this.#current = undefined
      this.#changes.tell()
    }
  }
}
