import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { importCheckpoint } from '../../../src/main/services/checkpoint-files.ts'
import { cleanUp, removableFiles } from '../../../src/main/services/clean-up.ts'
import { findCheckpointFile } from '../../../src/main/services/checkpoints.ts'
import { deletedItems, deleteItem, purgeItems } from '../../../src/main/services/deletion.ts'
import { openOrCreateProject, type Project } from '../../../src/main/services/project.ts'
import { smallNetwork, writeRandomCheckpoint } from '../../endurance/random-checkpoint.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { addFinishedExperiment } from '../finished-experiment.ts'

const day = 24 * 3_600_000
let folder: string
let project: Project

async function open(): Promise<Project> {
  project = await openOrCreateProject(join(folder, 'project'), { door: 'command line' })
  onTestFinished(() => project.close())
  return project
}

/** @returns its id and its file in the project */
async function importRandom(name: string): Promise<{ kind: 'checkpoint'; id: string; file: string }> {
  const file = join(folder, `${name}.safetensors`)
  await writeRandomCheckpoint(file, smallNetwork)
  const id = await importCheckpoint(project, file)
  return { kind: 'checkpoint', id, file: findCheckpointFile(id, project) }
}

beforeEach(async () => {
  folder = temporaryFolder()
  await open()
  onTestFinished(() => void vi.useRealTimers())
})

test('what is deleted outlives a restart, and goes when its week is over', async () => {
  const item = await importRandom('plates')
  const bytes = readFileSync(item.file)
  deleteItem(project, item, new Set())
  project.close()

  await open()
  expect(await deletedItems(project)).toMatchObject([{ id: 'plates', bytes: bytes.length }])
  expect(() => findCheckpointFile('plates', project)).toThrow('plates is neither a checkpoint nor a file')
  project.deletions.restore(item)
  expect(readFileSync(findCheckpointFile('plates', project))).toEqual(bytes)
  deleteItem(project, item, new Set())
  project.close()

  vi.useFakeTimers({ now: Date.now() + 6 * day, toFake: ['Date'] })
  await open()
  expect(await deletedItems(project)).toHaveLength(1)
  project.close()
  vi.setSystemTime(Date.now() + 2 * day)
  await open()
  expect(await deletedItems(project)).toEqual([])
  expect(existsSync(item.file)).toBe(false)
  project.deletions.restore(item)
  expect(project.checkpoints.all()).toEqual([])
  // Its row stays, so that its results know what made them; a new one of this name is another one.
  expect(project.checkpoints.find('plates')).toMatchObject({ isDeleted: true })
  expect((await importRandom('plates')).id).toBe('plates-2')
})

test('a purge that was cut short is finished when the project is opened, and brings nothing half back', async () => {
  const item = await importRandom('plates')
  const other = await importRandom('other')
  deleteItem(project, item, new Set())
  // As a process leaves it that is killed between the two: what is purged is kept, the file is there.
  project.deletions.purge(item)
  project.close()
  await open()
  expect(existsSync(item.file)).toBe(false)
  expect(existsSync(other.file)).toBe(true)
})

test('a clean-up deletes the last checkpoint, which can be brought back, and removes the state', async () => {
  const id = await addFinishedExperiment(project)
  const removable = await removableFiles(project)
  expect(removable.map(({ checkpoint }) => checkpoint)).toEqual([undefined, `${id}-last`])
  const [state, last] = removable as [(typeof removable)[number], (typeof removable)[number]]
  const best = findCheckpointFile(`${id}-best`, project)
  await expect(cleanUp(project, [state.file, last.file], new Set([last.file]))).rejects.toMatchObject({
    code: 'in-use',
  })
  expect(existsSync(state.file)).toBe(true)
  expect(await cleanUp(project, [state.file, last.file, best], new Set())).toEqual({
    freed: state.bytes,
    checkpoints: [`${id}-last`],
  })
  expect([state.file, last.file, best].map((file) => existsSync(file))).toEqual([false, true, true])
  expect(project.checkpoints.all().map((checkpoint) => checkpoint.id)).toEqual([`${id}-best`])
  expect(await deletedItems(project)).toMatchObject([
    { kind: 'checkpoint', id: `${id}-last`, bytes: last.bytes },
  ])
  project.deletions.restore({ kind: 'checkpoint', id: `${id}-last` })
  expect(findCheckpointFile(`${id}-last`, project)).toBe(last.file)
  // Starred, it stays; what is deleted already is not offered again.
  project.checkpoints.annotate(`${id}-last`, { name: undefined, starred: true, note: undefined })
  expect(await removableFiles(project)).toEqual([])
})

test('nothing but what is deleted is purged, and nothing that is in use is deleted', async () => {
  const item = await importRandom('plates')
  expect(await purgeItems(project, [item])).toBe(0)
  project.deletions.purge(item)
  expect(findCheckpointFile('plates', project)).toBe(item.file)
  expect(() => deleteItem(project, item, new Set([item.file]))).toThrow(/cannot be deleted now/)
  expect(() => deleteItem(project, { kind: 'checkpoint', id: 'none' }, new Set())).toThrow(
    /no checkpoint none/,
  )
  expect(project.checkpoints.all()).toHaveLength(1)
})
