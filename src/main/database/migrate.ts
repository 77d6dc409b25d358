import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs'
import { SegscopeError } from '../../model/errors.ts'
import { segscopeVersion } from '../version.ts'
import type { DatabaseConnection } from './connection.ts'

/** 'Segs': tells our files from other SQLite databases. */
export const applicationId = 0x53656773

/** One step from one version of the database to the next. Once released it is never changed. */
export interface Migration {
  /** The database's version afterwards; in tens, so that branches can be put in between. */
  number: number
  name: string
  apply(connection: DatabaseConnection): void
}

/** The number of the newest migration applied; 0 for an empty database. */
export function databaseVersion(connection: DatabaseConnection): number {
  return connection.pragma('user_version') as number
}

/**
 * Brings the database to the newest version. Each migration shares its transaction with its row in the ledger
 * (table `migrations`) and with the version number. A database that holds data is copied first, beside itself; the
 * copy is removed once all migrations are through.
 * @throws SegscopeError `migration-failed`: the database is as the last migration that went through left it
 */
export function migrate(connection: DatabaseConnection, migrations: readonly Migration[]): void {
  const version = databaseVersion(connection)
  const pending = migrations.filter((migration) => migration.number > version)
  if (pending.length === 0) return
  const copy = version > 0 ? copyDatabase(connection, version) : undefined
  // Outside the transactions, where alone it has an effect: a migration may rebuild a table others refer to.
  connection.execute('PRAGMA foreign_keys = OFF')
  for (const migration of pending) {
    try {
      apply(connection, migration)
    } catch (cause) {
      throw new SegscopeError(
        'migration-failed',
        `The project's database could not be brought from version ${version} to version ${migration.number} (${migration.name}): ` +
          (cause instanceof Error ? cause.message : String(cause)),
        {
          file: connection.file,
          remedy:
            copy === undefined
              ? 'Nothing was changed.'
              : `As it was before, it is kept in ${copy}: rename that to segscope.db to go back to the Segscope that made it.`,
          cause,
        },
      )
    }
  }
  connection.execute('PRAGMA foreign_keys = ON')
  if (copy !== undefined) rmSync(copy)
}

function apply(connection: DatabaseConnection, migration: Migration): void {
  connection.transaction(() => {
    connection.execute(`
      PRAGMA application_id = ${applicationId};
      CREATE TABLE IF NOT EXISTS migrations (
        number INTEGER PRIMARY KEY,
        name TEXT NOT NULL,
        applied_at TEXT NOT NULL,
        segscope_version TEXT NOT NULL
      ) STRICT`)
    migration.apply(connection)
    const orphans = connection.prepare<{ table: string }>('PRAGMA foreign_key_check').all()
    if (orphans.length > 0) {
      throw new Error(
        `rows of ${[...new Set(orphans.map((row) => row.table))].join(', ')} would lose what they refer to`,
      )
    }
    connection.prepare('INSERT INTO migrations VALUES (@number, @name, @appliedAt, @version)').run({
      number: migration.number,
      name: migration.name,
      appliedAt: new Date().toISOString(),
      version: segscopeVersion,
    })
    connection.execute(`PRAGMA user_version = ${migration.number}`)
  })
}

/** Copies under a temporary name first, so that a file under the final name is always a whole copy. */
function copyDatabase(connection: DatabaseConnection, version: number): string {
  const copy = `${connection.file}.version-${version}`
  const unfinished = `${copy}.unfinished`
  rmSync(unfinished, { force: true })
  connection.prepare('VACUUM INTO @unfinished').run({ unfinished })
  const descriptor = openSync(unfinished, 'r+')
  fsyncSync(descriptor)
  closeSync(descriptor)
  renameSync(unfinished, copy)
  return copy
}

/**
 * @throws SegscopeError `database-from-the-future` where a newer Segscope has written it, with that one's version;
 *   `not-a-segscope-database` where another program made it
 */
export function checkOrigin(connection: DatabaseConnection, newest: number): void {
  const application = connection.pragma('application_id')
  const version = databaseVersion(connection)
  if (application !== applicationId) {
    const tables = connection
      .prepare<{ count: number }>('SELECT count(*) AS count FROM sqlite_schema')
      .get()?.count
    if (application === 0 && version === 0 && tables === 0) return
    throw new SegscopeError('not-a-segscope-database', 'This SQLite database was made by another program.', {
      file: connection.file,
      remedy: 'Choose another folder for the project.',
    })
  }
  if (version <= newest) return
  const maker = connection
    .prepare<{ version: string }>(
      'SELECT segscope_version AS version FROM migrations ORDER BY number DESC LIMIT 1',
    )
    .get()?.version
  throw new SegscopeError(
    'database-from-the-future',
    `The project was made by Segscope ${maker ?? '(unknown version)'}, which is newer than this one (${segscopeVersion}): ` +
      `its database has version ${version}, and this Segscope knows versions up to ${newest}.`,
    { file: connection.file, remedy: `Open it with Segscope ${maker ?? 'of a newer version'} or newer.` },
  )
}
