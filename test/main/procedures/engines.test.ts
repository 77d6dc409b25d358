import { safe } from '@orpc/client'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Application } from '../../../src/main/application.ts'
import { chooseCompute } from '../../../src/main/services/compute-choice.ts'
import {
  defaultEngine,
  engineNames,
  installedVersion,
  loadEngine,
} from '../../../src/model/engine/engines.ts'
import { SegscopeError } from '../../../src/model/errors.ts'
import type { EngineFigures, Engines } from '../../../src/preload/contract/engines.ts'
import type { Client } from '../../../src/preload/contract/index.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { installBrokenRuntime } from '../runtime/broken-runtime.ts'
import { connectByPort, startApplication } from './connections.ts'

const nothing = (): void => undefined
const everything = { engine: null, threads: null, memoryGigabytes: null }

let runtimes: string
beforeEach(() => {
  runtimes = temporaryFolder()
  vi.stubEnv('SEGSCOPE_RUNTIMES', runtimes)
  return () => vi.unstubAllEnvs()
})

async function start(): Promise<{ application: Application; client: Client }> {
  const application = await startApplication()
  const { client, disconnect } = connectByPort(application)
  onTestFinished(() => {
    application.end()
    disconnect()
  })
  return { application, client }
}

/** Watches until what is told satisfies. */
async function enginesOnce(client: Client, satisfies: (engines: Engines) => boolean): Promise<Engines> {
  for await (const engines of await client.engines.watch()) if (satisfies(engines)) return engines
  throw new Error('The watch ended.')
}

function figuresOf(name: string, forwardMilliseconds: number, stepMilliseconds: number): EngineFigures {
  return {
    name,
    version: installedVersion(name) ?? '1',
    device: 'cpu',
    threads: 2,
    forwardMilliseconds,
    stepMilliseconds,
    measured: '2026-11-26T10:00:00.000Z',
  }
}

test('what was not measured yet is measured at the start, under the limits, but not while a job runs', async () => {
  const { application, client } = await start()
  const before = await enginesOnce(client, () => true)
  expect(before.training).toEqual({ engine: defaultEngine, reason: 'It is the only one here.' })
  expect(before.engines.map(({ name, installed }) => [name, installed])).toEqual(
    engineNames.map((name) => [name, name !== 'tensorflow']),
  )
  await client.settings.change({ compute: { ...everything, threads: 1 } })
  const { jobs, engineMeasuring } = application
  const begin = (): number => jobs.add('training', 'Training', { stop: nothing, cancel: nothing })
  const first = begin()
  const all = engineMeasuring.measureMissing(new AbortController().signal, 0)
  await new Promise((resolve) => setTimeout(resolve, 3000))
  expect(engineMeasuring.current).toBeUndefined()
  jobs.change(first, { state: 'finished' })
  await enginesOnce(client, ({ measuring }) => measuring?.name === defaultEngine)
  // A job that begins meanwhile has the machine to itself.
  const second = begin()
  await enginesOnce(client, ({ measuring }) => measuring === undefined)
  expect(application.engineMeasurements.list()).toEqual([])
  jobs.change(second, { state: 'finished' })
  await all
  const { engines, measuring } = await enginesOnce(client, () => true)
  expect(measuring).toBeUndefined()
  const { figures } = engines.find(({ name }) => name === defaultEngine) ?? {}
  expect(figures).toMatchObject({ device: 'cpu', threads: 1, version: installedVersion(defaultEngine) })
  expect(figures?.stepMilliseconds).toBeGreaterThan(figures?.forwardMilliseconds ?? Infinity)
  const known = engineNames.filter((name) => installedVersion(name) !== undefined)
  expect(application.engineMeasurements.list().map(({ name }) => name)).toEqual(known)
  // It computes at low priority: a machine that has other work makes it wait.
}, 900_000)

test('measuring what is not there is refused, and says so', async () => {
  const { client } = await start()
  const [unknown] = await safe(client.engines.measure({ name: 'abacus' }))
  expect(unknown).toMatchObject({ data: { code: 'unknown-engine' } })
  const [absent] = await safe(client.engines.measure({ name: 'tensorflow' }))
  expect(absent).toMatchObject({ data: { code: 'engine-not-installed' } })
})

test('of those measured the quickest trains, and the quickest predicts', () => {
  installBrokenRuntime(runtimes)
  const compute = { ...everything, threads: 3, memoryGigabytes: 4 }
  const measured = [figuresOf(defaultEngine, 50, 400), figuresOf('tensorflow', 100, 300)]
  expect(chooseCompute({ compute }, measured)).toEqual({
    training: { engine: 'tensorflow', reason: 'It trains quickest of those measured here.' },
    prediction: { engine: defaultEngine, reason: 'It predicts quickest of those measured here.' },
    limits: { threads: 3, memoryGigabytes: 4 },
  })
  // Figures of another version say nothing.
  const renewed = [measured[0] as EngineFigures, { ...figuresOf('tensorflow', 1, 1), version: '2.20.0' }]
  expect(chooseCompute({ compute }, renewed).training.engine).toBe(defaultEngine)
})

test('what a person chose computes, slower or not measured; where it cannot, another does, and it is said why', () => {
  const chosen = (engine: string) => chooseCompute({ compute: { ...everything, engine } }, []).training
  expect(chosen('abacus')).toMatchObject({
    engine: defaultEngine,
    reason: expect.stringContaining('You chose abacus. This Segscope does not have it.') as string,
  })
  expect(chosen('tensorflow')).toMatchObject({
    engine: defaultEngine,
    reason: expect.stringContaining('TensorFlow is not installed on this computer') as string,
  })
  installBrokenRuntime(runtimes)
  expect(chosen('tensorflow')).toEqual({ engine: 'tensorflow', reason: 'You chose it.' })
})

describe('an engine that does not load', () => {
  test('is measured as one: why is shown, kept, and it is not chosen, not even by a person', async () => {
    installBrokenRuntime(runtimes)
    const { client } = await start()
    await client.engines.measure({ name: 'tensorflow' })
    const { engines, training } = await enginesOnce(client, () => true)
    const { problem, figures } = engines.find(({ name }) => name === 'tensorflow') ?? {}
    expect(figures).toBeUndefined()
    expect(problem).toMatchObject({ code: 'engine-not-loaded' })
    expect(training.engine).toBe(defaultEngine)
    expect(training.reason).toContain('TensorFlow cannot be used here.')
    await client.settings.change({ compute: { ...everything, engine: 'tensorflow' } })
    const { training: insisted } = await enginesOnce(client, () => true)
    expect(insisted.engine).toBe(defaultEngine)
    expect(insisted.reason).toMatch(
      /^You chose TensorFlow\. TensorFlow cannot be used here: .*In its place: /,
    )
  })

  test('is replaced while work begins, and pages are told', async () => {
    installBrokenRuntime(runtimes)
    const { application, client } = await start()
    const events = await client.projects.events()
    const tried: string[] = []
    const result = await application.computeWith('tensorflow', (engine) => {
      tried.push(engine)
      if (engine === 'tensorflow') throw new SegscopeError('engine-not-loaded', 'It does not load.')
      return Promise.resolve(7)
    })
    expect([result, tried]).toEqual([7, ['tensorflow', defaultEngine]])
    const { value } = await events.next()
    expect(value).toMatchObject({
      kind: 'trouble',
      problem: {
        message: expect.stringMatching(/TensorFlow cannot be used, so ONNX Runtime computes/) as string,
      },
    })
    await expect
      .poll(() => application.compute().training.reason)
      .toContain('TensorFlow cannot be used here.')
    // What goes wrong in other ways goes wrong.
    const full = new SegscopeError('engine-failed', 'No memory.')
    await expect(application.computeWith('tensorflow', () => Promise.reject(full))).rejects.toBe(full)
  })
  test.skipIf(process.platform === 'win32')('so it is with DirectML where there is none', async () => {
    const { application, client } = await start()
    const events = await client.projects.events()
    const engine = await application.computeWith('onnxruntime-directml', loadEngine)
    expect(engine.describe().name).toBe(defaultEngine)
    const { value } = await events.next()
    expect(value).toMatchObject({
      kind: 'trouble',
      problem: {
        code: 'gpu-missing',
        message: expect.stringMatching(
          /^ONNX Runtime by DirectML cannot be used.*backend not found/,
        ) as string,
      },
    })
  })
})
