import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'
import type { InstallSurroundings } from '../../../src/main/runtime/install-tensorflow.ts'
import { Changes } from '../../../src/main/services/changes.ts'
import { TensorFlowRuntime } from '../../../src/main/services/tensorflow-runtime.ts'
import { bindingPath } from '../../../src/model/engine/tensorflow/installed-runtime.ts'
import { SegscopeError } from '../../../src/model/errors.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { makeWheel, startWheelServer } from '../runtime/wheel-server.ts'

let runtimes: string
beforeEach(() => {
  runtimes = temporaryFolder()
  vi.stubEnv('SEGSCOPE_RUNTIMES', runtimes)
  return () => vi.unstubAllEnvs()
})

/** A machine on which every build works. */
const surroundings: Partial<InstallSurroundings> = {
  examineMachine: async () => ({
    platform: { architecture: 'x86_64', glibc: [2, 36] },
    nvidiaDriver: undefined,
  }),
  findCompiler: async () => 'compiler',
  build: async (_compiler, folder) => {
    mkdirSync(dirname(bindingPath(folder)), { recursive: true })
    writeFileSync(bindingPath(folder), 'addon')
  },
  tryRuntime: async () => 'cpu',
  freeBytes: async () => 1e12,
  attempts: 1,
}

const never = new AbortController().signal

function runtimeWith(changed: Partial<InstallSurroundings> = {}, onInstalled = async () => undefined) {
  return new TensorFlowRuntime(new Changes(), onInstalled, { ...surroundings, ...changed })
}

test('sizes are told before anything is fetched; then it is installed, measured, told, and removed', async () => {
  const wheel = makeWheel('2.21.0')
  const server = await startWheelServer([wheel])
  vi.stubEnv('PIP_INDEX_URL', server.index)
  const order: string[] = []
  const runtime = runtimeWith({}, async () => {
    order.push(`measured: ${runtime.describe().installing?.label ?? ''}`)
  })
  const planned = { version: '2.21.0', variant: 'cpu', folder: runtimes, downloadBytes: wheel.bytes.length }
  expect(await runtime.plan('cpu', null, never)).toMatchObject({ ...planned, isInstalled: false })
  expect(server.sent).toBe(0)
  await expect(runtime.plan('gpu', null, never)).rejects.toMatchObject({ code: 'gpu-missing' })

  runtime.install('cpu', null)
  expect(() => runtime.install('cpu', null)).toThrow(SegscopeError)
  await expect(runtime.remove()).rejects.toMatchObject({ code: 'installation-running' })
  await expect
    .poll(() => runtime.describe(), { timeout: 20_000 })
    .toMatchObject({ installed: { version: '2.21.0' } })
  await expect.poll(() => runtime.describe().installing).toBeUndefined()
  expect(order).toEqual(['measured: measuring it'])
  expect(runtime.describe().problem).toBeUndefined()
  expect(await runtime.plan('cpu', null, never)).toMatchObject({ ...planned, isInstalled: true })
  await runtime.remove()
  expect(runtime.describe()).toEqual({})
  expect(readdirSync(runtimes)).toEqual([])
})

test('why an installation failed is told until the next one; cancelling is no failure and keeps the download', async () => {
  const wheel = makeWheel('2.21.0')
  const server = await startWheelServer([wheel])
  vi.stubEnv('PIP_INDEX_URL', server.index)
  const reached = Promise.withResolvers<undefined>()
  let trials = 0
  const runtime = runtimeWith({
    tryRuntime: async (_folder, signal) => {
      if (++trials === 1) throw new SegscopeError('runtime-unusable', 'It does not work here.')
      reached.resolve(undefined)
      await new Promise((_, reject) => signal.addEventListener('abort', reject))
      return 'cpu'
    },
  })
  runtime.install('cpu', null)
  await expect
    .poll(() => runtime.describe(), { timeout: 20_000 })
    .toEqual({ problem: { code: 'runtime-unusable', message: 'It does not work here.' } })

  runtime.install('cpu', null)
  expect(runtime.describe().problem).toBeUndefined()
  await reached.promise
  runtime.cancel()
  await expect.poll(() => runtime.describe()).toEqual({})
  expect(readdirSync(runtimes)).toEqual(['downloads'])
  expect(server.sent).toBe(wheel.bytes.length)
})

test('installs from a folder of wheels, whatever the usual index is; says what is wrong with a place', async () => {
  vi.stubEnv('PIP_INDEX_URL', 'http://127.0.0.1:9/simple')
  const wheel = makeWheel('2.21.0')
  const folder = temporaryFolder()
  writeFileSync(join(folder, wheel.name), wheel.bytes)
  const runtime = runtimeWith()
  expect(await runtime.plan('cpu', { folder }, never)).toMatchObject({ downloadBytes: wheel.bytes.length })
  runtime.install('cpu', { folder })
  await expect
    .poll(() => runtime.describe(), { timeout: 20_000 })
    .toMatchObject({ installed: { version: '2.21.0' } })

  const missing = join(folder, 'none')
  await expect(runtime.plan('cpu', { folder: missing }, never)).rejects.toMatchObject({
    code: 'folder-unreadable',
    message: expect.stringContaining('it is not there') as string,
  })
  await expect(runtime.plan('cpu', { folder: runtimes }, never)).rejects.toMatchObject({
    code: 'wheel-missing',
  })
  await expect(runtime.plan('cpu', null, never)).rejects.toMatchObject({ code: 'server-unreachable' })
})
