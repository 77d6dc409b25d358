import Database from 'better-sqlite3'
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { DatabaseConnection } from '../../../src/main/database/connection.ts'
import { migrate } from '../../../src/main/database/migrate.ts'
import { migrations } from '../../../src/main/database/migrations/index.ts'
import {
  createProject,
  openOrCreateProject,
  openProject,
  openProjectReadOnly,
} from '../../../src/main/services/project.ts'
import { asOrdinaryUser } from '../ordinary-user.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

const door = 'command line'

test('a project keeps its name, its birthday and its classes; files beside it are left alone', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'notes.txt'), 'plate 3 is contaminated')
  mkdirSync(join(folder, 'checkpoints'))
  const made = await createProject(folder, { door, name: 'Yeast on plates' })
  const classes = [
    { value: 0, name: 'background', colour: '#000000', key: '0' },
    { value: 1, name: 'colony', colour: '#e69f00', key: null },
  ]
  made.information.replaceClasses(classes)
  const information = made.information.get()
  made.close()

  await expect(createProject(folder, { door })).rejects.toMatchObject({ code: 'project-exists' })
  const opened = await openOrCreateProject(folder, { door, name: 'another name' })
  expect(opened.name).toBe('Yeast on plates')
  expect(opened.information.get()).toEqual(information)
  expect(opened.information.classes()).toEqual(classes)
  opened.close()
  opened.close()
  expect(readFileSync(join(folder, 'notes.txt'), 'utf8')).toBe('plate 3 is contaminated')
})

test('what is no project, no folder, or not ours to write is refused in words', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'file')
  writeFileSync(file, '')
  await expect(openProject(folder, { door })).rejects.toMatchObject({ code: 'project-not-found' })
  await expect(openProjectReadOnly(join(folder, 'nowhere'), { door })).rejects.toMatchObject({
    code: 'project-not-found',
  })
  await expect(openProject(file, { door })).rejects.toMatchObject({ code: 'not-a-folder', file })
  await expect(createProject(file, { door })).rejects.toMatchObject({ code: 'not-a-folder' })
  await expect(createProject(join(file, 'inside'), { door })).rejects.toMatchObject({ code: 'not-a-folder' })

  const locked = join(folder, 'locked')
  mkdirSync(locked, { mode: 0o555 })
  chmodSync(folder, 0o755)
  const attempts: Promise<unknown>[] = []
  asOrdinaryUser(() =>
    attempts.push(createProject(locked, { door }), createProject(join(locked, 'new'), { door })),
  )
  for (const attempt of await Promise.allSettled(attempts)) {
    expect(attempt).toMatchObject({ status: 'rejected', reason: { code: 'folder-not-writable' } })
  }
})

test('a project that could not be opened is left free for the next one', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'segscope.db'), 'not a database, and long enough to be looked at'.repeat(100))
  await expect(openProject(folder, { door })).rejects.toMatchObject({ code: 'not-a-database' })
  rmSync(join(folder, 'segscope.db'))
  const project = await createProject(folder, { door })
  project.close()
})

test('a process killed while it made a project leaves one that opens', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'segscope.db'), '')
  const project = await openProject(folder, { door })
  expect(project.information.get()).toMatchObject({ name: project.name })
  project.close()
})

test('reading an older project brings it up to date first, without marking work of others as interrupted', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'segscope.db')
  const old = new DatabaseConnection(new Database(file), file, { mode: 'delete', reason: 'a test' })
  migrate(old, migrations.slice(0, 1))
  old.close()
  const reader = await openProjectReadOnly(folder, { door })
  expect(reader.experiments.list()).toEqual([])
  expect(() => reader.jobs.start('segmentation', {}, [])).toThrow(
    expect.objectContaining({ code: 'database-read-only' }) as Error,
  )
  const owner = await openProject(folder, { door })
  owner.jobs.start('segmentation', {}, ['a.tif'])
  const second = await openProjectReadOnly(folder, { door })
  expect(second.jobs.all()).toMatchObject([{ status: 'running' }])
  for (const project of [reader, second, owner]) project.close()
})

test('a change that a killed process left half done is taken back before a project is read', async () => {
  const folder = temporaryFolder()
  const project = await createProject(folder, { door })
  project.jobs.start('segmentation', {}, ['a.tif'])
  project.close()
  const file = join(folder, 'segscope.db')
  const database = new Database(file)
  database.pragma('journal_mode = DELETE')
  database.pragma('cache_size = 2')
  database.exec(`BEGIN; DELETE FROM jobs;
    WITH RECURSIVE many (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM many WHERE number < 10000)
    INSERT INTO jobs SELECT number, 'k', 'finished', 'not JSON', NULL, 'now', 'now' FROM many`)
  const killed = temporaryFolder()
  for (const name of ['segscope.db', 'segscope.db-journal'])
    copyFileSync(join(folder, name), join(killed, name))
  database.close()

  const reader = await openProjectReadOnly(killed, { door })
  expect(reader.jobs.all()).toMatchObject([{ kind: 'segmentation', waiting: 1 }])
  reader.close()
})

test('a project that another machine has taken over can no longer be written to, and leaves the other its lease', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  const folder = temporaryFolder()
  const lease = join(folder, 'segscope.lock')
  const project = await createProject(folder, { door })
  const other = readFileSync(lease, 'utf8').replace(/"id":"[^"]*"/, '"id":"another"')
  rmSync(lease)
  writeFileSync(lease, other)
  expect(project.lost?.aborted).toBe(false)
  vi.advanceTimersByTime(10_000)
  expect(project.lost?.reason).toMatchObject({ code: 'project-lease-lost' })
  expect(() => project.jobs.start('segmentation', {}, [])).toThrow(
    expect.objectContaining({ code: 'project-lease-lost' }) as Error,
  )
  project.close()
  expect(readFileSync(lease, 'utf8')).toBe(other)
})
