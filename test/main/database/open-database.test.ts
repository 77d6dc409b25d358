import Database from 'better-sqlite3'
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { newestVersion } from '../../../src/main/database/migrations/index.ts'
import { openDatabase, openDatabaseReadOnly } from '../../../src/main/database/open-database.ts'
import { JobRepository } from '../../../src/main/database/repositories/jobs.ts'
import { asOrdinaryUser, ordinaryUserReachesTemporaryFolder } from '../ordinary-user.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const network = { mode: 'delete', reason: 'a test of network drives' } as const

function newDatabase(): string {
  const file = join(temporaryFolder(), 'segscope.db')
  openDatabase(file, { mode: 'wal' }).close()
  return file
}

function change(file: string, sql: string): void {
  const database = new Database(file)
  database.exec(sql)
  database.close()
}

function withCode(code: string, message = /./): unknown {
  return expect.objectContaining({ code, message: expect.stringMatching(message) as string })
}

test('the log is used and synced in full, keys are enforced, and the file says whose it is', () => {
  const file = join(temporaryFolder(), 'segscope.db')
  const connection = openDatabase(file, { mode: 'wal' })
  const pragmas = [
    'journal_mode',
    'synchronous',
    'foreign_keys',
    'application_id',
    'user_version',
    'busy_timeout',
  ]
  expect(pragmas.map((name) => connection.pragma(name))).toEqual([
    'wal',
    2,
    1,
    0x53656773,
    newestVersion,
    10_000,
  ])
  connection.close()
  expect(readFileSync(file).toString('latin1', 68, 72)).toBe('Segs')
})

test('a project brought from a local disk to a network drive changes to the rollback journal, and back', () => {
  const file = newDatabase()
  const local = openDatabase(file, { mode: 'wal' })
  new JobRepository(local).start('segmentation', { out: 'masks' }, ['a.tif'])
  // As after a crash: what was written last is in the log alone.
  const crashed = join(temporaryFolder(), 'segscope.db')
  for (const end of ['', '-wal']) writeFileSync(crashed + end, readFileSync(file + end))
  local.close()
  // Shared memory cannot be had: a folder is in its place.
  mkdirSync(`${crashed}-shm`)

  const remote = openDatabase(crashed, network)
  expect(remote.pragma('journal_mode')).toBe('delete')
  expect(remote.pragma('synchronous')).toBe(2)
  expect(new JobRepository(remote).all()).toMatchObject([{ waiting: 1 }])
  expect(readdirSync(join(crashed, '..'))).toEqual(['segscope.db', 'segscope.db-shm'])
  const reader = openDatabaseReadOnly(crashed)
  expect(new JobRepository(reader).all()).toHaveLength(1)
  reader.close()
  remote.close()
  rmdirSync(`${crashed}-shm`)
  const again = openDatabase(crashed, { mode: 'wal' })
  expect(again.pragma('journal_mode')).toBe('wal')
  again.close()
})

test('where the log does not work although the disk is a local one, the rollback journal is taken and the reason told', () => {
  const existing = newDatabase()
  const fresh = join(temporaryFolder(), 'segscope.db')
  for (const file of [existing, fresh]) {
    mkdirSync(`${file}-shm`)
    const connection = openDatabase(file, { mode: 'wal' })
    expect(connection.journal).toEqual({
      mode: 'delete',
      reason: expect.stringContaining('no shared memory') as string,
    })
    new JobRepository(connection).start('segmentation', {}, ['a.tif'])
    connection.close()
    const reader = openDatabaseReadOnly(file)
    expect(new JobRepository(reader).all()).toHaveLength(1)
    reader.close()
  }
})

test('a database of a newer Segscope is refused by that name, to write and to read', () => {
  const file = newDatabase()
  change(
    file,
    `INSERT INTO migrations VALUES (5000, 'holograms', '2031-01-01T00:00:00.000Z', '4.2.0'); PRAGMA user_version = 5000`,
  )
  const before = readFileSync(file)
  for (const open of [
    () => openDatabase(file, { mode: 'wal' }),
    () => openDatabase(file, network),
    () => openDatabaseReadOnly(file),
  ]) {
    expect(open).toThrow(withCode('database-from-the-future', /made by Segscope 4\.2\.0/))
  }
  expect(readFileSync(file).equals(before)).toBe(true)
})

test('files that are no database, or another program’s, are refused and stay as they are', () => {
  const folder = temporaryFolder()
  const text = join(folder, 'text.db')
  writeFileSync(text, 'These are my notes.\n'.repeat(500))
  const foreign = join(folder, 'foreign.db')
  change(foreign, 'CREATE TABLE notes (text); INSERT INTO notes VALUES (1)')
  for (const [file, code] of [
    [text, 'not-a-database'],
    [foreign, 'not-a-segscope-database'],
  ] as const) {
    const before = readFileSync(file)
    for (const open of [
      () => openDatabase(file, { mode: 'wal' }),
      () => openDatabase(file, network),
      () => openDatabaseReadOnly(file),
    ]) {
      expect(open).toThrow(withCode(code))
    }
    expect(readFileSync(file).equals(before)).toBe(true)
  }
})

test('a damaged database is refused: cut short, or overwritten in the middle', () => {
  const cut = newDatabase()
  truncateSync(cut, 8192)
  const scribbled = newDatabase()
  const bytes = readFileSync(scribbled)
  bytes.fill(0x5a, 4096, 40_000)
  writeFileSync(scribbled, bytes)
  for (const file of [cut, scribbled]) {
    expect(() => openDatabase(file, { mode: 'wal' })).toThrow(withCode('database-damaged'))
  }
})

test('reading goes on beside a writer, sees what is committed and nothing else, and cannot write', () => {
  const file = newDatabase()
  const owner = openDatabase(file, { mode: 'wal' })
  const jobs = new JobRepository(owner)
  const reader = openDatabaseReadOnly(file)
  const seen = new JobRepository(reader)
  const job = jobs.start('segmentation', {}, ['a.tif', 'b.tif'])
  owner.transaction(() => {
    jobs.recordOutcomes(job, [{ file: 'a.tif', status: 'done', output: 'out/a.tif' }])
    expect(seen.all()).toMatchObject([{ waiting: 2, done: 0 }])
  })
  expect(seen.all()).toMatchObject([{ waiting: 1, done: 1 }])
  expect(() => {
    seen.end(job, 'finished')
  }).toThrow(withCode('database-read-only'))
  reader.close()
  owner.close()
})

test('a database of an older Segscope is not read before its owner has brought it up to date', () => {
  const file = newDatabase()
  change(file, 'PRAGMA user_version = 10')
  expect(() => openDatabaseReadOnly(file)).toThrow(withCode('database-outdated'))
})

test('a medium that cannot be written: reading works, writing says so', ({ skip }) => {
  skip(
    !ordinaryUserReachesTemporaryFolder(),
    'only the administrator gets into the folder of temporary files',
  )
  const file = newDatabase()
  chmodSync(file, 0o444)
  chmodSync(join(file, '..'), 0o555)
  asOrdinaryUser(() => {
    const reader = openDatabaseReadOnly(file)
    expect(new JobRepository(reader).all()).toEqual([])
    reader.close()
    expect(() => openDatabase(file, { mode: 'wal' })).toThrow(withCode('database-read-only'))
  })
  chmodSync(join(file, '..'), 0o755)
})
