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
 * @throws SegscopeError `database-outdated` where its owner must open it first (an older version, or a log that
 *   cannot be read on a network drive), otherwise as `openDatabase`
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
  let database = open(file, {})
  try {
    checkOrigin(new DatabaseConnection(database, file, journal), newestVersion)
    if (switchToLog(database)) {
      finishConnecting(database)
      return new DatabaseConnection(database, file, journal)
    }
  } catch (thrown) {
    database.close()
    throw explainDatabaseError(thrown, file)
  }
  // A connection on which the log failed stays broken: another one is needed.
  database.close()
  return connectWithRollbackJournal(file, {
    mode: 'delete',
    reason: "the disk's file system has no shared memory, which SQLite's write-ahead log needs",
  })
}

/**
 * Some file systems (ntfs3 of Linux, shared folders of virtual machines) let SQLite switch to the log and fail only
 * at the first use of its shared memory; hence the empty transaction.
 */
function switchToLog(database: Database.Database): boolean {
  try {
    if (database.pragma('journal_mode = WAL', { simple: true }) !== 'wal') return false
    database.exec('BEGIN IMMEDIATE; ROLLBACK')
    return true
  } catch (thrown) {
    if (thrown instanceof Database.SqliteError && /^SQLITE_(IOERR|CANTOPEN|PROTOCOL)/.test(thrown.code))
      return false
    throw thrown
  }
}

/** In exclusive locking mode a log left by a local disk is read without shared memory, and folded in. */
function connectWithRollbackJournal(file: string, journal: Journal): DatabaseConnection {
  const database = open(file, {})
  try {
    database.pragma('locking_mode = EXCLUSIVE')
    checkOrigin(new DatabaseConnection(database, file, journal), newestVersion)
    const mode = database.pragma('journal_mode = DELETE', { simple: true })
    if (mode !== 'delete') throw new Error(`SQLite kept journal mode ${String(mode)}`)
    database.pragma('locking_mode = NORMAL')
    // The lock is given back at the first read after the change of mode.
    database.pragma('user_version')
    finishConnecting(database)
    return new DatabaseConnection(database, file, journal)
  } catch (thrown) {
    database.close()
    throw explainDatabaseError(thrown, file)
  }
}

/** FULL: what was committed survives a power cut. */
function finishConnecting(database: Database.Database): void {
  database.pragma('synchronous = FULL')
  database.pragma('foreign_keys = ON')
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
    const log = `${file}-wal`
    const refused = thrown instanceof Database.SqliteError && /^SQLITE_(CANTOPEN|READONLY)/.test(thrown.code)
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
