import { isDeepStrictEqual } from 'node:util'
import type { DatabaseConnection, Statement } from '../connection.ts'

export type JobStatus = 'running' | 'finished' | 'failed' | 'cancelled' | 'interrupted'

/** What a job is to do, as JSON can hold it; equal ones are the same job. */
export type JobSpecification = Record<string, string | number | boolean | null>

export interface Job {
  id: number
  kind: string
  status: JobStatus
  specification: JobSpecification
  /** Why the whole job failed; what became of single files is in its items. */
  error: string | undefined
  /** ISO 8601, UTC. */
  created: string
  updated: string
  /** Files by what became of them. */
  waiting: number
  done: number
  failed: number
}

export interface JobItem {
  /** The input, as the job's maker named it. */
  file: string
  status: 'waiting' | 'done' | 'failed'
  error: string | undefined
  output: string | undefined
}

/** What became of one file; 'waiting': its output is gone and it has to be done again. */
export type JobItemOutcome =
  | { file: string; status: 'done'; output: string }
  | { file: string; status: 'failed'; error: string }
  | { file: string; status: 'waiting' }

interface JobRow extends Omit<Job, 'specification' | 'error'> {
  specification: string
  error: string | null
}

interface JobItemRow {
  file: string
  status: JobItem['status']
  error: string | null
  output: string | null
}

/** Long work over many files, kept so that it goes on where it stopped. */
export class JobRepository {
  readonly #connection: DatabaseConnection
  readonly #insert: Statement<{ id: number }>
  readonly #insertItem: Statement<never>
  readonly #retryFailed: Statement<never>
  readonly #setStatus: Statement<never>
  readonly #updateItem: Statement<never>
  readonly #touch: Statement<never>
  readonly #all: Statement<JobRow>
  readonly #items: Statement<JobItemRow>
  readonly #interrupt: Statement<never>

  constructor(connection: DatabaseConnection) {
    this.#connection = connection
    this.#insert = connection.prepare(`
      INSERT INTO jobs (kind, status, specification, created, updated)
      VALUES (@kind, 'running', @specification, @now, @now) RETURNING id`)
    this.#insertItem = connection.prepare(
      `INSERT OR IGNORE INTO job_items (job, file, status) VALUES (@job, @file, 'waiting')`,
    )
    this.#retryFailed = connection.prepare(
      `UPDATE job_items SET status = 'waiting', error = NULL WHERE job = @job AND status = 'failed'`,
    )
    this.#setStatus = connection.prepare(
      'UPDATE jobs SET status = @status, error = @error, updated = @now WHERE id = @job',
    )
    this.#updateItem = connection.prepare(
      'UPDATE job_items SET status = @status, error = @error, output = @output WHERE job = @job AND file = @file',
    )
    this.#touch = connection.prepare('UPDATE jobs SET updated = @now WHERE id = @job')
    this.#all = connection.prepare(`
      SELECT id, kind, jobs.status, specification, jobs.error, created, updated,
        count(*) FILTER (WHERE job_items.status = 'waiting') AS waiting,
        count(*) FILTER (WHERE job_items.status = 'done') AS done,
        count(*) FILTER (WHERE job_items.status = 'failed') AS failed
      FROM jobs LEFT JOIN job_items ON job_items.job = jobs.id
      GROUP BY id ORDER BY id`)
    this.#items = connection.prepare(
      'SELECT file, status, error, output FROM job_items WHERE job = @job ORDER BY file',
    )
    this.#interrupt = connection.prepare(
      `UPDATE jobs SET status = 'interrupted', updated = @now WHERE status = 'running'`,
    )
  }

  /**
   * Starts a job over these files and returns its id. A job of the same kind and specification is taken up again
   * instead: what is done stays done, what failed and files that are new wait.
   */
  start(kind: string, specification: JobSpecification, files: readonly string[]): number {
    const now = new Date().toISOString()
    return this.#connection.transaction(() => {
      const known = this.all().find(
        (job) => job.kind === kind && isDeepStrictEqual(job.specification, specification),
      )
      const job =
        known?.id ??
        (this.#insert.get({ kind, specification: JSON.stringify(specification), now }) as { id: number }).id
      this.#retryFailed.run({ job })
      for (const file of files) this.#insertItem.run({ job, file })
      this.#setStatus.run({ job, status: 'running', error: null, now })
      return job
    })
  }

  /** In one transaction, which waits for the disk. */
  recordOutcomes(job: number, outcomes: readonly JobItemOutcome[]): void {
    this.#connection.transaction(() => {
      for (const outcome of outcomes) {
        this.#updateItem.run({
          job,
          file: outcome.file,
          status: outcome.status,
          error: outcome.status === 'failed' ? outcome.error : null,
          output: outcome.status === 'done' ? outcome.output : null,
        })
      }
      this.#touch.run({ job, now: new Date().toISOString() })
    })
  }

  /** A job is finished when every file was tried, also where some failed. */
  end(job: number, status: 'finished' | 'cancelled'): void {
    this.#setStatus.run({ job, status, error: null, now: new Date().toISOString() })
  }

  /** @param error why the job as a whole could not go on, for the user */
  fail(job: number, error: string): void {
    this.#setStatus.run({ job, status: 'failed', error, now: new Date().toISOString() })
  }

  /** For the project's new owner: what still runs by the database was left by a process that died. */
  interruptRunning(): void {
    this.#interrupt.run({ now: new Date().toISOString() })
  }

  /** Oldest first. */
  all(): Job[] {
    return this.#all.all().map((row) => ({
      ...row,
      specification: JSON.parse(row.specification) as JobSpecification,
      error: row.error ?? undefined,
    }))
  }

  /** In the order of their files' names. */
  items(job: number): JobItem[] {
    return this.#items
      .all({ job })
      .map((row) => ({ ...row, error: row.error ?? undefined, output: row.output ?? undefined }))
  }
}
