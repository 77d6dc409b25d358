import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Plan } from '../../../src/model/plan/plan.ts'
import { buildNetwork } from '../../../src/model/network/unet.ts'
import { RandomGenerator } from '../../../src/model/random.ts'
import {
  readCheckpoint,
  writeCheckpoint,
  type CheckpointHeader,
} from '../../../src/model/weights/checkpoint.ts'
import { initialiseWeights } from '../../../src/model/weights/initialise.ts'
import { SafetensorsFile, writeSafetensors } from '../../../src/model/weights/safetensors.ts'
import type { NamedTensors } from '../../../src/model/weights/tensor.ts'
import { readTrainingState, writeTrainingState } from '../../../src/model/weights/training-state.ts'

const plan: Plan = {
  version: 1,
  network: {
    encoder: 'mobilenet-v2',
    alpha: 0.35,
    decoder: 'slim',
    inputChannels: 1,
    classes: 3,
    dropout: 0.5,
  },
  classNames: ['background', 'colony', 'Plattenrand'],
  normalisation: { channels: [{ low: 101.5, high: 4012.25 }], scope: 'data set' },
  patchSize: 128,
  batchSize: 8,
  imageScale: 1,
  classSampling: [0.2, 0.4, 0.2],
  classWeights: [1, 2, 2],
  diceWeight: 1,
  augmentation: {
    flips: true,
    quarterTurns: true,
    scale: 1.2,
    shear: 0.1,
    elastic: 2,
    contrast: 0.2,
    brightness: 0.1,
    gamma: 0.2,
    noise: 0.05,
    blur: 1,
  },
  freezeEncoder: false,
  batchNorm: 'batch',
  batchNormMomentum: 0.1,
  steps: 400,
  schedule: { peakLearningRate: 1e-3, warmUpSteps: 20 },
  optimiser: { weightDecay: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: 1 },
  averageDecay: 0.99,
  validation: { everySteps: 50, patience: 5 },
  seed: 42,
  decisions: { batch: { decision: '8', reason: 'memory' } },
}
const header: CheckpointHeader = {
  segscopeVersion: '0.1.0',
  engine: { name: 'onnxruntime', version: '1.30.0', device: 'cpu', threads: 2 },
  createdAt: '2025-11-23T20:00:00.000Z',
  experiment: 'e-1',
  step: 350,
  plan,
  scores: { dice: [0.99, 0.91, Number.NaN], iou: [0.98, 0.83, Number.NaN] },
}
const network = buildNetwork(plan.network)
const weights = initialiseWeights(network, new RandomGenerator(5))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'segscope-checkpoint-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

/** The header as it stands in the file, to be changed and written again. */
async function rawHeader(path: string): Promise<Record<string, unknown>> {
  const file = await SafetensorsFile.open(path)
  await file.close()
  return JSON.parse(file.metadata['segscope'] ?? '') as Record<string, unknown>
}

function identical(left: NamedTensors, right: NamedTensors): boolean {
  const bytes = (data: Float32Array): Buffer => Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  return (
    left.size === right.size &&
    [...left].every(([name, { data }]) =>
      bytes(data).equals(bytes(right.get(name)?.data ?? new Float32Array())),
    )
  )
}

describe('a checkpoint', () => {
  it('comes back with all it said of itself, every bit of its weights, and its network', async () => {
    const path = join(folder, 'best.safetensors')
    await writeCheckpoint(path, header, weights)
    const back = await readCheckpoint(path)
    expect(back.header).toEqual(header)
    expect(back.network).toEqual(network)
    expect(identical(back.weights, weights)).toBe(true)
  })

  it('from a newer Segscope is refused by its version, even where its header has changed', async () => {
    const path = join(folder, 'newer.safetensors')
    await writeSafetensors(path, new Map(), {
      segscope: JSON.stringify({ format: 'segscope-checkpoint', formatVersion: 2, network: 'elsewhere' }),
    })
    await expect(readCheckpoint(path)).rejects.toMatchObject({
      code: 'checkpoint-too-new',
      message: expect.stringContaining('its format is version 2, this one reads up to 1') as string,
      remedy: 'Update Segscope.',
    })
  })

  it('whose header lacks something says what', async () => {
    const path = join(folder, 'lacking.safetensors')
    await writeCheckpoint(path, header, weights)
    const { createdAt: _, ...rest } = await rawHeader(path)
    await writeSafetensors(path, weights, { segscope: JSON.stringify(rest) })
    await expect(readCheckpoint(path)).rejects.toMatchObject({
      code: 'not-a-checkpoint',
      message: expect.stringContaining('createdAt') as string,
    })
  })

  it('of an unknown decoder names it', async () => {
    const path = join(folder, 'unknown.safetensors')
    await writeCheckpoint(path, header, weights)
    const raw = await rawHeader(path)
    const other = { ...raw, plan: { ...plan, network: { ...plan.network, decoder: 'unet++' } } }
    await writeSafetensors(path, weights, { segscope: JSON.stringify(other) })
    await expect(readCheckpoint(path)).rejects.toMatchObject({
      code: 'unknown-network',
      message: expect.stringContaining('"unet++"') as string,
    })
  })

  it.each([
    ['a parameter too few', 'decoder_1.beta', undefined, /decoder_1\.beta \[64\] is missing/],
    [
      'another shape',
      'head.bias',
      { shape: [4], data: new Float32Array(4) },
      /head\.bias is \[4\], expected is \[3\]/,
    ],
    ['a parameter too many', 'extra.gamma', { shape: [1], data: new Float32Array(1) }, /holds extra\.gamma/],
  ])('with %s is refused, naming it', async (_what, name, tensor, message) => {
    const path = join(folder, 'changed.safetensors')
    await writeCheckpoint(path, header, weights)
    const metadata = { segscope: JSON.stringify(await rawHeader(path)) }
    const changed = new Map(weights)
    if (tensor === undefined) changed.delete(name)
    else changed.set(name, tensor)
    await writeSafetensors(path, changed, metadata)
    await expect(readCheckpoint(path)).rejects.toMatchObject({
      code: 'weights-do-not-fit',
      message: expect.stringMatching(message) as string,
    })
  })

  it('that is cut off is told as such', async () => {
    const path = join(folder, 'cut.safetensors')
    await writeCheckpoint(path, header, weights)
    const bytes = await readFile(path)
    await writeFile(path, bytes.subarray(0, bytes.length - 1))
    await expect(readCheckpoint(path)).rejects.toMatchObject({ code: 'safetensors-truncated' })
  })

  it('with a NaN is not written: the parameter is named and the file before it stays', async () => {
    const path = join(folder, 'kept.safetensors')
    await writeCheckpoint(path, header, weights)
    const before = await readFile(path)
    const broken = new Map(weights).set('stem.beta', {
      shape: [16],
      data: new Float32Array(16).fill(Number.NaN, 15),
    })
    await expect(writeCheckpoint(path, header, broken)).rejects.toMatchObject({
      code: 'weights-not-finite',
      message: expect.stringContaining('stem.beta holds NaN') as string,
    })
    expect((await readFile(path)).equals(before)).toBe(true)
    expect((await readdir(folder)).filter((name) => name.endsWith('.part'))).toEqual([])
  })
})

describe('a training state', () => {
  const moments = (seed: number): NamedTensors =>
    new Map(
      [...initialiseWeights(network, new RandomGenerator(seed))].filter(([name]) =>
        name.startsWith('decoder_'),
      ),
    )
  const state = { weights, firstMoments: moments(6), secondMoments: moments(7), step: 123 }
  const loop = { random: 4294967295, best: { step: 100, score: 0.912345678901234 }, order: [3, 1, 2] }

  it('comes back whole: weights, moments of what trains, further sets, and the loop', async () => {
    const path = join(folder, 'last.state.safetensors')
    const average = initialiseWeights(network, new RandomGenerator(8))
    await writeTrainingState(path, { state, loop, extra: { average, weights: moments(9) } })
    const back = await readTrainingState(path, network)
    expect(back.loop).toEqual(loop)
    expect(back.state.step).toBe(123)
    expect(identical(back.state.weights, weights)).toBe(true)
    expect(identical(back.state.firstMoments, state.firstMoments)).toBe(true)
    expect(identical(back.state.secondMoments, state.secondMoments)).toBe(true)
    expect(Object.keys(back.extra)).toEqual(['average', 'weights'])
    expect(identical(back.extra['average'] as NamedTensors, average)).toBe(true)
    expect(identical(back.extra['weights'] as NamedTensors, moments(9))).toBe(true)
  })

  it('of another network is refused, naming the parameter; and it is no checkpoint', async () => {
    const path = join(folder, 'other.state.safetensors')
    await writeTrainingState(path, { state, loop, extra: {} })
    const other = buildNetwork({ ...plan.network, classes: 4 })
    await expect(readTrainingState(path, other)).rejects.toMatchObject({
      code: 'weights-do-not-fit',
      message: expect.stringContaining('head.kernel is [64, 3, 4, 4], expected is [64, 4, 4, 4]') as string,
    })
    await expect(readCheckpoint(path)).rejects.toMatchObject({
      code: 'not-a-checkpoint',
      message: `${path} is not a checkpoint of Segscope: it is a segscope-training-state.`,
    })
  })
})
