import { ref, shallowRef } from 'vue'
import type { Problem } from '../../../preload/contract/base.ts'
import { UNREACHABLE } from '../../connection/request.ts'
import { problemOf } from '../../stores/problems.ts'

/** One change of a plane's labels that the main process has to be told. */
export interface SavingJob {
  /** Jobs of the same owner build on each other: they are given up together. */
  readonly owner: object
  /** Called again after a failure. */
  save(): Promise<void>
  /** The labels changed elsewhere: takes those, so that `save` can build on them. */
  catchUp(): Promise<void>
}

export type SavingStatus =
  /** Being saved, or all is. */
  | { kind: 'working' }
  /** Nobody answered; it is tried again by itself. */
  | { kind: 'retrying'; problem: Problem }
  /** It was refused; the person decides. */
  | { kind: 'stopped'; problem: Problem }

const PAUSES_MILLISECONDS = [500, 1000, 2000, 5000, 10_000]

/**
 * Saves changes of labels, of all planes, one after the other and each only when the one before is safe. What cannot be
 * saved stays, and is tried again.
 */
export class SavingQueue {
  /** Changes that are not safe yet. */
  readonly pending = ref(0)
  readonly status = shallowRef<SavingStatus>({ kind: 'working' })
  readonly #jobs: SavingJob[] = []
  readonly #pauses: readonly number[]
  #works = false
  #resume: () => void = () => undefined
  #idle: Promise<void> = Promise.resolve()

  /** @param pauses before each further try, in milliseconds; the last holds for all that follow */
  constructor(pauses: readonly number[] = PAUSES_MILLISECONDS) {
    this.#pauses = pauses
  }

  add(job: SavingJob): void {
    this.#jobs.push(job)
    this.pending.value = this.#jobs.length
    if (!this.#works) this.#idle = this.#work()
  }

  /** Resolves when all that was added is safe, or given up. */
  async whenIdle(): Promise<void> {
    while (this.#works) await this.#idle
  }

  /** Does not wait for the next try. */
  tryNow(): void {
    this.#resume()
  }

  /** Gives up the change that cannot be saved, and those that were painted after it on the same plane. */
  giveUp(): object | undefined {
    const owner = this.#jobs[0]?.owner
    const kept = this.#jobs.filter((job) => job.owner !== owner)
    this.#jobs.splice(0, this.#jobs.length, ...kept)
    this.pending.value = this.#jobs.length
    this.#resume()
    return owner
  }

  /** Forgets all that is not saved. */
  clear(): void {
    this.#jobs.length = 0
    this.pending.value = 0
    this.#resume()
  }

  async #work(): Promise<void> {
    this.#works = true
    for (let failures = 0; ;) {
      const job = this.#jobs[0]
      if (job === undefined) break
      try {
        await job.save()
        // It may have been given up meanwhile.
        if (this.#jobs[0] === job) this.#jobs.shift()
        this.pending.value = this.#jobs.length
        this.status.value = { kind: 'working' }
        failures = 0
      } catch (thrown) {
        await this.#recover(job, thrown, failures++)
      }
    }
    this.#works = false
    this.status.value = { kind: 'working' }
  }

  async #recover(job: SavingJob, thrown: unknown, failures: number): Promise<void> {
    const problem = problemOf(thrown)
    if (problem.code === 'labels-changed' && failures < this.#pauses.length) {
      try {
        await job.catchUp()
      } catch (again) {
        await this.#recover(job, again, failures)
      }
    } else if (problem.code === UNREACHABLE) {
      this.status.value = { kind: 'retrying', problem }
      await this.#pause(this.#pauses[Math.min(failures, this.#pauses.length - 1)])
    } else {
      this.status.value = { kind: 'stopped', problem }
      await this.#pause()
    }
  }

  /** @param milliseconds undefined: until the person decides */
  async #pause(milliseconds?: number): Promise<void> {
    await new Promise<void>((resume) => {
      this.#resume = resume
      if (milliseconds !== undefined) setTimeout(resume, milliseconds)
    })
    this.#resume = () => undefined
  }
}
