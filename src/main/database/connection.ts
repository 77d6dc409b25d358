import type Database from 'better-sqlite3'
import { SegscopeError } from '../../model/errors.ts'
import { explainDatabaseError } from './database-error.ts'

export type Value = string | number | Uint8Array | null
/** By name, as `@name` in the SQL. NaN is stored as NULL, as SQLite knows no NaN. */
export type Parameters = Readonly<Record<string, Value>>

export interface Statement<Row> {
  /** Returns the number of rows changed. */
  run(parameters?: Parameters): number
  get(parameters?: Parameters): Row | undefined
  all(parameters?: Parameters): Row[]
}

/** How changes are made safe: SQLite's write-ahead log, or its rollback journal where the log cannot be used. */
export type Journal = { mode: 'wal' } | { mode: 'delete'; reason: string }

/** An open database whose failures are SegscopeErrors wherever a person can do something about them. */
export class DatabaseConnection {
  readonly file: string
  readonly journal: Journal
  readonly #database: Database.Database
  #closed: SegscopeError | undefined

  constructor(database: Database.Database, file: string, journal: Journal) {
    this.#database = database
    this.file = file
    this.journal = journal
  }

  prepare<Row = never>(sql: string): Statement<Row> {
    const statement = this.#explained(() => this.#database.prepare<Parameters, Row>(sql))
    return {
      run: (parameters = {}) => this.#explained(() => statement.run(parameters).changes),
      get: (parameters = {}) => this.#explained(() => statement.get(parameters)),
      all: (parameters = {}) => this.#explained(() => statement.all(parameters)),
    }
  }

  /** Runs SQL that returns nothing; several statements are allowed. */
  execute(sql: string): void {
    this.#explained(() => this.#database.exec(sql))
  }

  /** Reads or sets a pragma, such as `user_version`, and returns the value that SQLite answers with, if any. */
  pragma(pragma: string): unknown {
    return this.#explained(() => this.#database.pragma(pragma, { simple: true }))
  }

  /** All of `work` or nothing: what it throws undoes it and goes on to the caller. */
  transaction<Result>(work: () => Result): Result {
    return this.#explained(() => this.#database.transaction(work).immediate())
  }

  /** Closes; every later use throws the reason. Closing twice is allowed. */
  close(
    reason = new SegscopeError('project-closed', 'The project has been closed.', {
      remedy: 'Open it again.',
    }),
  ): void {
    if (this.#closed !== undefined) return
    this.#closed = reason
    this.#database.close()
  }

  #explained<Result>(work: () => Result): Result {
    if (this.#closed !== undefined) throw this.#closed
    try {
      return work()
    } catch (thrown) {
      throw explainDatabaseError(thrown, this.file)
    }
  }
}
