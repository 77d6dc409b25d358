import Database from 'better-sqlite3'
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { SegscopeError } from '../../model/errors.ts'
import { DatabaseConnection, type Journal } from './connection.ts'
import { explainDatabaseError } from './database-error.ts'
import { checkOrigin, databaseVersion, migrate } from './migrate.ts'
import { migrations, newestVersion } from './migrations/index.ts'
import { networkFileSystem } from './network-drive.ts'

/** How long a statement waits for another process's lock, in milliseconds. */
const busyTimeout = 10_000

/** The write-ahead log needs memory that all its processes share, which a network file system does not give. */
export function chooseJournal(folder: string): Journal {
  const network = networkFileSystem(folder)
  if (network === undefined) return { mode: 'wal' }
  return { mode: 'delete', reason: `the project is on a network drive (${network})` }
}

/**
 * Opens a project's database for its owner, makes it where the file is absent or empty, checks it, and brings it to
 * the newest version.
 * @throws SegscopeError where the file is damaged, no database, another program's, from a newer Segscope, or not
 *   writable
 */
export function openDatabase(file: string, journal: Journal): DatabaseConnection {
  const connection = connect(file, journal)
  try {
    checkIntegrity(connection)
    migrate(connection, migrations)
    return connection
  } catch (thrown) {
    connection.close()
    throw thrown
  }
}

/**
 * Opens an existing database to read it, beside its owner or without one, also on a medium that cannot be written.
 * @throws SegscopeError `database-outdated` where an owner must open it first (an older version, a change that a killed
 *   process left half done, a log that cannot be read on a network drive), otherwise as `openDatabase`
 */
export function openDatabaseReadOnly(file: string): DatabaseConnection {
  const journal = chooseJournal(dirname(file))
  if (journal.mode === 'delete' && usesLog(file)) throw outdated(file)
  const connection = new DatabaseConnection(openToRead(file), file, journal)
  try {
    checkOrigin(connection, newestVersion)
    if (databaseVersion(connection) < newestVersion) throw outdated(file)
    return connection
  } catch (thrown) {
    connection.close()
    throw thrown
  }
}

function outdated(file: string): SegscopeError {
  return new SegscopeError(
    'database-outdated',
    "The project's database must be brought up to date before it can be read here.",
    { file, remedy: 'Open the project once with this Segscope, on a disk that can be written to.' },
  )
}

function connect(file: string, journal: Journal): DatabaseConnection {
  if (journal.mode === 'delete') return connectWithRollbackJournal(file, journal)
  try {
    return connectWithLog(file)
  } catch (refusal) {
    // Shared memory that cannot be had shows as either; a disk that is broken or write-protected fails again without.
    const codes = ['database-unreadable', 'database-read-only']
    if (!(refusal instanceof SegscopeError && codes.includes(refusal.code))) throw refusal
    try {
      return connectWithRollbackJournal(file, {
        mode: 'delete',
        reason: "the disk's file system has no shared memory, which SQLite's write-ahead log needs",
      })
    } catch {
      throw refusal
    }
  }
}

/** A connection on which the log failed is of no use any more: it is closed. */
function connectWithLog(file: string): DatabaseConnection {
  const connection = new DatabaseConnection(open(file, {}), file, { mode: 'wal' })
  try {
    checkOrigin(connection, newestVersion)
    if (connection.pragma('journal_mode = WAL') !== 'wal') {
      throw new SegscopeError('database-unreadable', 'SQLite cannot keep a write-ahead log here.', { file })
    }
    // Some file systems (Linux's ntfs3, shared folders of virtual machines) fail only when the log is first used.
    connection.execute('BEGIN IMMEDIATE; ROLLBACK')
    finishConnecting(connection)
    return connection
  } catch (thrown) {
    connection.close()
    throw thrown
  }
}

/** In exclusive locking mode a log left by a local disk is read without shared memory, and folded in. */
function connectWithRollbackJournal(file: string, journal: Journal): DatabaseConnection {
  const connection = new DatabaseConnection(open(file, {}), file, journal)
  try {
    connection.pragma('locking_mode = EXCLUSIVE')
    checkOrigin(connection, newestVersion)
    const mode = connection.pragma('journal_mode = DELETE')
    if (mode !== 'delete') throw new Error(`SQLite kept journal mode ${String(mode)}`)
    connection.pragma('locking_mode = NORMAL')
    // The lock is given back at the first read after the change of mode.
    connection.pragma('user_version')
    finishConnecting(connection)
    return connection
  } catch (thrown) {
    connection.close()
    throw thrown
  }
}

/** FULL: what was committed survives a power cut. */
function finishConnecting(connection: DatabaseConnection): void {
  connection.pragma('synchronous = FULL')
  connection.pragma('foreign_keys = ON')
}

function checkIntegrity(connection: DatabaseConnection): void {
  const found = connection.pragma('quick_check(1)')
  if (found === 'ok') return
  throw explainDatabaseError(new Database.SqliteError(String(found), 'SQLITE_CORRUPT'), connection.file)
}

function openToRead(file: string): Database.Database {
  const database = open(file, { readonly: true, fileMustExist: true })
  try {
    database.pragma('user_version')
    return database
  } catch (thrown) {
    database.close()
    const code = thrown instanceof Database.SqliteError ? thrown.code : ''
    if (code === 'SQLITE_READONLY_ROLLBACK' || code === 'SQLITE_READONLY_RECOVERY') throw outdated(file)
    const log = `${file}-wal`
    const refused = /^SQLITE_(CANTOPEN|READONLY)/.test(code)
    if (!refused || !usesLog(file) || (existsSync(log) && statSync(log).size > 0)) {
      throw explainDatabaseError(thrown, file)
    }
    return openInMemory(file)
  }
}

/**
 * On a medium that cannot be written SQLite cannot make the memory that processes using the log share. Where there is
 * no log nothing is lost by reading the file as one that uses none (https://www.sqlite.org/c3ref/deserialize.html).
 */
function openInMemory(file: string): Database.Database {
  const bytes = readFileSync(file)
  bytes.fill(1, writeVersionOffset, readVersionOffset + 1)
  return new Database(bytes, { readonly: true })
}

function open(file: string, options: Database.Options): Database.Database {
  try {
    return new Database(file, { timeout: busyTimeout, ...options })
  } catch (thrown) {
    throw explainDatabaseError(thrown, file)
  }
}

/** In the database's header: 2 with a write-ahead log, 1 without (https://www.sqlite.org/fileformat.html). */
const writeVersionOffset = 18
const readVersionOffset = 19

function usesLog(file: string): boolean {
  const descriptor = openSync(file, 'r')
  try {
    const version = Buffer.alloc(1)
    return readSync(descriptor, version, 0, 1, writeVersionOffset) === 1 && version[0] === 2
  } finally {
    closeSync(descriptor)
  }
}
