import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { bindingPath, listInstalledRuntimes } from '../../../src/model/engine/tensorflow/installed-runtime.ts'
import { SegscopeError } from '../../../src/model/errors.ts'
import { RandomGenerator } from '../../../src/model/random.ts'
import type { Machine } from '../../../src/main/runtime/examine-machine.ts'
import {
  type InstallEvent,
  type InstallRequest,
  type InstallSurroundings,
  installTensorFlow,
  removeTensorFlow,
} from '../../../src/main/runtime/install-tensorflow.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { makeWheel, startWheelServer } from './wheel-server.ts'

const machine: Machine = {
  platform: { architecture: 'x86_64', glibc: [2, 36] },
  nvidiaDriver: undefined,
}

/** A machine whose compiler and TensorFlow always work; what the build was given is looked at. */
const surroundings: Partial<InstallSurroundings> = {
  examineMachine: async () => machine,
  findCompiler: async () => 'compiler',
  build: async (_compiler, folder) => {
    expect(existsSync(join(folder, 'tensorflow/include/tensorflow/c/c_api.h'))).toBe(true)
    mkdirSync(dirname(bindingPath(folder)), { recursive: true })
    writeFileSync(bindingPath(folder), 'addon')
  },
  tryRuntime: async (folder) => {
    expect(existsSync(bindingPath(folder))).toBe(true)
    return 'cpu'
  },
  freeBytes: async () => 1e12,
  attempts: 1,
}

function requestOf(folder: string, index: string, changed: Partial<InstallRequest> = {}): InstallRequest {
  return {
    folder,
    source: { index },
    variant: 'cpu',
    signal: new AbortController().signal,
    onEvent: () => undefined,
    ...changed,
  }
}

/** The error of an installation that must fail, which leaves nothing half installed. */
async function failure(
  request: InstallRequest,
  changed: Partial<InstallSurroundings> = {},
): Promise<SegscopeError> {
  const before = listInstalledRuntimes(request.folder)
  const error: unknown = await installTensorFlow(request, { ...surroundings, ...changed }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(SegscopeError)
  expect(listInstalledRuntimes(request.folder)).toEqual(before)
  const left = existsSync(request.folder) ? readdirSync(request.folder) : []
  const own = before.map(({ folder }) => folder.split('/').at(-1))
  expect(left.filter((name) => name !== 'downloads' && !own.includes(name))).toEqual([])
  return error as SegscopeError
}

describe.each(['json', 'html'] as const)('from an index in %s', (format) => {
  it('installs the newest of the series, and of its wheel only what is needed', async () => {
    const wheels = ['2.20.0', '2.21.0', '2.21.10', '2.21.9', '2.22.0'].map((version) => makeWheel(version))
    const server = await startWheelServer(wheels, format)
    const folder = temporaryFolder()
    const events: InstallEvent[] = []
    const runtime = await installTensorFlow(
      requestOf(folder, server.index, { onEvent: (event) => events.push(event) }),
      surroundings,
    )
    expect(runtime).toMatchObject({ version: '2.21.10', variant: 'cpu', device: 'cpu' })
    expect(listInstalledRuntimes(folder)).toEqual([runtime])
    expect(readdirSync(folder)).toEqual(['2.21.10-cpu'])
    const files = readdirSync(runtime.folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => name)
    expect(files.sort()).toEqual([
      'LICENSE',
      'libtensorflow_cc.so.2',
      'libtensorflow_framework.so.2',
      'runtime.json',
      'tfjs_binding.node',
    ])
    const bytes = wheels[2]?.bytes.length as number
    expect(events[0]).toMatchObject({
      kind: 'chosen',
      version: '2.21.10',
      downloadBytes: format === 'json' ? bytes : undefined,
    })
    const phases = events.map((event) => (event.kind === 'progress' ? event.phase : ''))
    expect(phases).toEqual(expect.arrayContaining(['unpacking', 'building', 'trying']))
    expect(await removeTensorFlow(folder)).toEqual([runtime])
    expect(readdirSync(folder)).toEqual([])
  })
})

test('a download that is cut at ten places goes on where it broke off, and is whole in the end', async () => {
  const wheel = makeWheel('2.21.0')
  const server = await startWheelServer([wheel])
  const folder = temporaryFolder()
  const random = new RandomGenerator(3)
  for (let time = 0; time < 10; time++) {
    server.cuts = [1 + random.nextInteger(Math.floor(wheel.bytes.length / 11))]
    const error = await failure(requestOf(folder, server.index))
    expect(error.code).toBe('download-interrupted')
    expect(error.remedy).toMatch(/goes on where it broke off/)
  }
  await installTensorFlow(requestOf(folder, server.index), surroundings)
  expect(server.sent).toBe(wheel.bytes.length)
})

test('a connection that breaks is taken up again without being asked', async () => {
  const wheel = makeWheel('2.21.0')
  const server = await startWheelServer([wheel])
  server.cuts = [20_000, 20_000]
  await installTensorFlow(requestOf(temporaryFolder(), server.index), { ...surroundings, attempts: 3 })
  expect(server.sent).toBe(wheel.bytes.length)
})

describe('what goes wrong is said, and leaves what was there', () => {
  it('a wrong checksum', async () => {
    const wheel = makeWheel('2.21.0')
    const server = await startWheelServer([{ ...wheel, sha256: '0'.repeat(64) }])
    const folder = temporaryFolder()
    const error = await failure(requestOf(folder, server.index))
    expect(error.code).toBe('checksum-wrong')
    expect(readdirSync(join(folder, 'downloads'))).toEqual([])
  })

  it('a disk that is too small, before anything is fetched', async () => {
    const server = await startWheelServer([makeWheel('2.21.0')])
    const error = await failure(requestOf(temporaryFolder(), server.index), { freeBytes: async () => 1000 })
    expect(error.code).toBe('disk-full')
    expect(server.sent).toBe(0)
  })

  it.skipIf(!existsSync('/dev/full'))('a disk that becomes full while it downloads', async () => {
    const wheel = makeWheel('2.21.0')
    const server = await startWheelServer([wheel])
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'downloads'))
    symlinkSync('/dev/full', join(folder, 'downloads', `${wheel.name}.part`))
    expect((await failure(requestOf(folder, server.index))).code).toBe('disk-full')
  })

  it('an index out of reach, refusing, without the wheel, or that is none', async () => {
    const folder = temporaryFolder()
    const codeOf = async (index: string): Promise<string> => (await failure(requestOf(folder, index))).code
    expect(await codeOf('http://127.0.0.1:9/simple')).toBe('server-unreachable')
    const server = await startWheelServer([makeWheel('2.20.0')])
    expect(await codeOf(server.index)).toBe('wheel-missing')
  })

  it('a C library that is too old, and a GPU that is missing or has an old driver', async () => {
    const { index } = await startWheelServer([makeWheel('2.21.0')])
    const request = requestOf(temporaryFolder(), index)
    const on = (changed: Partial<Machine>): Partial<InstallSurroundings> => ({
      examineMachine: async () => ({ ...machine, ...changed }),
    })
    const oldLibrary = on({ platform: { architecture: 'x86_64', glibc: [2, 17] } })
    expect((await failure(request, oldLibrary)).code).toBe('libc-too-old')
    const gpu = { ...request, variant: 'gpu' } as const
    expect((await failure(gpu)).code).toBe('gpu-missing')
    const oldDriver = await failure(gpu, on({ nvidiaDriver: '470.256.02' }))
    expect([oldDriver.code, oldDriver.message]).toEqual([
      'driver-too-old',
      expect.stringContaining('470.256.02'),
    ])
    // With a good driver the next thing that is missing is a wheel of CUDA's.
    expect((await failure(gpu, on({ nvidiaDriver: '550.54.15' }))).code).toBe('wheel-missing')
  })

  it('a build or a trial that fails: the runtime before stays', async () => {
    const folder = temporaryFolder()
    const old = await startWheelServer([makeWheel('2.21.0')])
    const before = await installTensorFlow(requestOf(folder, old.index), surroundings)
    const { index } = await startWheelServer([makeWheel('2.21.1')])
    const broken = async (): Promise<never> => {
      throw new SegscopeError('engine-failed', 'It does not work.')
    }
    expect((await failure(requestOf(folder, index), { build: broken })).code).toBe('engine-failed')
    expect((await failure(requestOf(folder, index), { tryRuntime: broken })).code).toBe('engine-failed')
    const [kept] = listInstalledRuntimes(folder)
    expect(readFileSync(kept?.binding as string, 'utf8')).toBe('addon')
    // And goes when the new one works, without another download.
    const after = await installTensorFlow(requestOf(folder, index), surroundings)
    expect([before.version, after.version]).toEqual(['2.21.0', '2.21.1'])
    expect(readdirSync(folder)).toEqual(['2.21.1-cpu'])
  })

  it('being stopped, and being killed', async () => {
    const wheel = makeWheel('2.21.0')
    const server = await startWheelServer([wheel])
    const folder = temporaryFolder()
    const controller = new AbortController()
    const stopping = requestOf(folder, server.index, {
      signal: controller.signal,
      onEvent: (event) => {
        if (event.kind === 'progress' && event.phase === 'unpacking') controller.abort()
      },
    })
    expect((await failure(stopping)).code).toBe('cancelled')
    // A process that is gone has left this.
    mkdirSync(join(folder, 'unfinished'))
    writeFileSync(join(folder, 'unfinished', 'owner'), '4194303')
    await installTensorFlow(requestOf(folder, server.index), surroundings)
    expect(server.sent).toBe(wheel.bytes.length)
    expect(readdirSync(folder)).toEqual(['2.21.0-cpu'])
  })

  it('another installation that is under way', async () => {
    const { index } = await startWheelServer([makeWheel('2.21.0')])
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'unfinished'))
    writeFileSync(join(folder, 'unfinished', 'owner'), String(process.ppid))
    await expect(installTensorFlow(requestOf(folder, index), surroundings)).rejects.toMatchObject({
      code: 'installation-running',
    })
    expect(readdirSync(join(folder, 'unfinished'))).toEqual(['owner'])
  })
})

test('a folder of wheels takes the place of an index', async () => {
  const wheels = temporaryFolder()
  const { name, bytes } = makeWheel('2.21.0')
  writeFileSync(join(wheels, name), bytes)
  const request = requestOf(temporaryFolder(), '', { source: { folder: wheels } })
  expect(await installTensorFlow(request, surroundings)).toMatchObject({ version: '2.21.0' })
  expect(readdirSync(wheels)).toEqual([name])
  const truncated = makeWheel('2.21.1')
  writeFileSync(join(wheels, truncated.name), truncated.bytes.subarray(0, 1000))
  expect((await failure(request)).code).toBe('wheel-unreadable')
})
