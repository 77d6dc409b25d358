import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { safe } from '@orpc/client'
import { expect, onTestFinished, test } from 'vitest'
import type { Application } from '../../../src/main/application.ts'
import { ComputeProcess } from '../../../src/main/compute/compute-process.ts'
import { SettingsStore } from '../../../src/main/services/settings-store.ts'
import { usableMemory } from '../../../src/main/services/usable-memory.ts'
import {
  type ComputeLimits,
  limitedEnvironment,
  memoryLeft,
  threadLimit,
} from '../../../src/model/engine/compute-limits.ts'
import type { Client } from '../../../src/preload/contract/index.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import type { LimitsAnswer } from './limits-process.ts'
import { connectByPort, startApplication } from './connections.ts'

async function start(isOpenToNetwork = false): Promise<{ application: Application; client: Client }> {
  const application = await startApplication(undefined, isOpenToNetwork)
  const { client, disconnect } = connectByPort(application)
  onTestFinished(() => {
    application.closeProject()
    disconnect()
  })
  return { application, client }
}

const everything = { engine: null, threads: null, memoryGigabytes: null }

test('settings of an older version stay, and what is new in them is as usual', async () => {
  const folder = temporaryFolder()
  const older = { theme: 'dark', keys: { 'tool.brush': ['Q'] }, cache: { folder: null, limitGigabytes: 2 } }
  writeFileSync(join(folder, 'settings.json'), JSON.stringify(older))
  const store = await SettingsStore.open(folder)
  expect(store.get()).toEqual({
    ...older,
    compute: everything,
    packageSource: null,
    projectsFolder: null,
    tourSeen: false,
  })
})

test('limits reach the processes that compute, and hold in them', async () => {
  const answers = await Promise.all([askUnder({ threads: 1, memoryGigabytes: 2 }), askUnder({ threads: 3 })])
  const [limited, other] = answers
  expect(limited.threads).toBe(1)
  expect(limited.left).toBeLessThan(2e9)
  expect(limited.usable).toBeLessThanOrEqual(2e9)
  // Whatever else a session starts: each thread more is a thread more.
  if (process.platform === 'linux') expect(other.computing - limited.computing).toBe(2)
})

async function askUnder(limits: ComputeLimits): Promise<LimitsAnswer> {
  const answer = Promise.withResolvers<LimitsAnswer>()
  const child = new ComputeProcess<object, LimitsAnswer>(
    new URL('./limits-process.ts', import.meta.url),
    limits,
    answer.resolve,
  )
  void child.ended.then((reason) => answer.reject(reason ?? new Error('It ended without an answer.')))
  child.send({})
  try {
    return await answer.promise
  } finally {
    await child.kill()
  }
}

test('without limits everything may be used; nonsense in the environment limits nothing', () => {
  expect(limitedEnvironment({})).toEqual(process.env)
  expect(threadLimit()).toBeUndefined()
  expect(memoryLeft()).toBe(process.availableMemory())
  expect(usableMemory()).toBeGreaterThan(0)
  expect(limitedEnvironment({ threads: 2 })).toMatchObject({ SEGSCOPE_THREADS: '2' })
})

test('new projects go where the person says', async () => {
  const { client } = await start()
  const folder = temporaryFolder()
  await client.settings.change({ projectsFolder: folder })
  expect(await client.settings.projectsFolder()).toEqual({ folder })
  const suggested = await client.projects.suggestFolder({ name: 'Yeast' })
  expect(suggested.folder).toBe(join(folder, 'Yeast'))
})

test('the log tells what went wrong and how work ended, and no name', async () => {
  const { client, application } = await start()
  const folder = join(temporaryFolder(), 'Ann and the yeast')
  await safe(client.projects.open({ folder }))
  await client.projects.create({ folder, name: 'Secret strain' })
  await safe(client.classes.add({ name: 'background' }))
  await safe(client.experiments.details({ id: '2026-01-01-abcd' }))
  const { job } = await client.training.start({
    minutes: 1,
    seed: 1,
    start: { kind: 'scratch' },
    freezeEncoder: false,
  })
  for await (const jobs of await client.jobs.watch()) {
    if (jobs.find(({ id }) => id === job)?.state === 'failed') break
  }
  const { text } = await client.log.read()
  const entries = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(entries).toMatchObject([
    { kind: 'start', segscope: '9.8.7' },
    { kind: 'problem', code: 'project-not-found' },
    { kind: 'problem', code: expect.any(String) as string },
    { kind: 'problem', code: 'experiment-not-found' },
    { kind: 'job', job: 'training', state: 'failed', code: 'not-ready-to-train' },
  ])
  expect(entries[1]?.['at']).toEqual(
    expect.arrayContaining([expect.stringMatching(/src\/main\/services\/project.ts:\d+/)]),
  )
  expect(text).not.toMatch(/Ann|yeast|Secret|strain|\/tmp/i)
  const saved = await client.log.save({ folder: temporaryFolder() })
  expect(readFileSync(saved.file, 'utf8')).toBe(text)
  expect(await application.log.text()).toBe(text)
})

test('where TensorFlow comes from is an address without a password or a folder that is shown, and not for an open network', async () => {
  const { client } = await start()
  const folder = temporaryFolder()
  for (const packageSource of [{ index: 'https://mirror.example/simple' }, { folder }, null]) {
    await client.settings.change({ packageSource })
    expect((await client.settings.get()).packageSource).toEqual(packageSource)
  }
  for (const index of ['mirror.example/simple', 'file:///etc', 'https://me:secret@mirror.example/simple']) {
    const [error] = await safe(client.settings.change({ packageSource: { index } }))
    expect(error).toMatchObject({ code: 'BAD_REQUEST' })
  }
  const [outside] = await safe(client.settings.change({ packageSource: { folder: '/etc' } }))
  expect(outside).toMatchObject({ data: { code: 'path-not-served' } })

  const { client: distant } = await start(true)
  const source = { index: 'https://mirror.example/simple' }
  for (const request of [
    distant.settings.change({ packageSource: source }),
    distant.engines.install({ variant: 'cpu', source }),
  ]) {
    const [refused] = await safe(request)
    expect(refused).toMatchObject({ data: { code: 'network-open' } })
  }
  expect((await distant.settings.get()).packageSource).toBeNull()
})
