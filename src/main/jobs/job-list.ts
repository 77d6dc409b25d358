import { SegscopeError } from '../../model/errors.ts'
import type { Job } from '../../preload/contract/jobs.ts'
import { Changes } from '../services/changes.ts'

/** What can be done to a job; what it does not know, it refuses. */
export interface JobControls {
  pause?: () => void
  goOn?: () => void
  stop: () => void
  cancel: () => void
}

type Change = Partial<Omit<Job, 'id' | 'kind'>>

const ended: readonly Job['state'][] = ['finished', 'stopped', 'failed', 'cancelled']

interface JobEntry {
  job: Job
  controls: JobControls
  /** Checkpoint files that it reads. */
  files: readonly string[]
}

/** Long work of this application, wherever its page is now. What outlives the application is the work's own business. */
export class JobList {
  readonly #jobs = new Map<number, JobEntry>()
  readonly #changes = new Changes()
  readonly #onEnd: (job: Job) => void
  #lastId = 0

  /** @param onEnd is told of each job that has ended */
  constructor(onEnd: (job: Job) => void = () => undefined) {
    this.#onEnd = onEnd
  }

  /** Newest first. */
  list(): Job[] {
    return [...this.#jobs.values()].map(({ job }) => job).reverse()
  }

  /** Jobs that have not ended. */
  running(): Job[] {
    return this.list().filter(({ state }) => !ended.includes(state))
  }

  /** Checkpoint files and experiments that work at hand needs: they must not be deleted. */
  uses(): Set<string> {
    const atWork = [...this.#jobs.values()].filter(({ job }) => !ended.includes(job.state))
    return new Set(
      atWork.flatMap(({ job, files }) => [
        ...files,
        ...(job.experiment === undefined ? [] : [job.experiment]),
      ]),
    )
  }

  /** @param files checkpoints that it reads as long as it is at work */
  add(kind: Job['kind'], title: string, controls: JobControls, files: readonly string[] = []): number {
    const id = ++this.#lastId
    const job: Job = { id, kind, title, state: 'preparing', fraction: 0, label: 'beginning' }
    this.#jobs.set(id, { job, controls, files })
    this.#changes.tell()
    return id
  }

  /** An estimate that is not given is none: it belongs to the moment. */
  change(id: number, change: Change): void {
    const entry = this.#jobs.get(id)
    if (entry === undefined) return
    const { secondsLeft: _, ...rest } = entry.job
    const hadEnded = ended.includes(entry.job.state)
    entry.job = { ...rest, ...change }
    if (!hadEnded && ended.includes(entry.job.state)) this.#onEnd(entry.job)
    this.#changes.tell()
  }

  /** @throws SegscopeError `job-unknown`, `job-cannot` */
  control(id: number, what: keyof JobControls): void {
    const { job, controls } = this.#require(id)
    const action = controls[what]
    if (action === undefined || ended.includes(job.state)) {
      throw new SegscopeError('job-cannot', `"${job.title}" cannot do this now.`, {
        remedy: 'It may have ended meanwhile.',
      })
    }
    action()
  }

  /** @throws SegscopeError `job-unknown`, `job-cannot` where it has not ended */
  dismiss(id: number): void {
    const { job } = this.#require(id)
    if (!ended.includes(job.state)) {
      throw new SegscopeError('job-cannot', `"${job.title}" is still at work.`, { remedy: 'Stop it first.' })
    }
    this.#jobs.delete(id)
    this.#changes.tell()
  }

  /** Takes all off the list, as when their project closes: what is at work ends by itself then. */
  clear(): void {
    if (this.#jobs.size === 0) return
    this.#jobs.clear()
    this.#changes.tell()
  }

  /** The list now, and after every change. */
  watch(signal: AbortSignal | undefined): AsyncGenerator<Job[]> {
    return this.#changes.watch(() => this.list(), signal)
  }

  #require(id: number): JobEntry {
    const entry = this.#jobs.get(id)
    if (entry !== undefined) return entry
    throw new SegscopeError('job-unknown', 'This work is no longer listed.', { remedy: 'It has ended.' })
  }
}
