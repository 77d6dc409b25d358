import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Network } from '../../../src/model/network/network.ts'
import { listParameters } from '../../../src/model/network/parameters.ts'
import { buildNetwork } from '../../../src/model/network/unet.ts'
import { RandomGenerator } from '../../../src/model/random.ts'
import { initialiseWeights } from '../../../src/model/weights/initialise.ts'
import { readStartingWeights } from '../../../src/model/weights/starting-weights.ts'
import { writeSafetensors } from '../../../src/model/weights/safetensors.ts'
import { transferWeights } from '../../../src/model/weights/transfer.ts'
import { sharedFolder } from '../../shared.ts'

function networkWith(inputChannels: number, classes: number, alpha = 0.35): Network {
  return buildNetwork({ encoder: 'mobilenet-v2', alpha, decoder: 'slim', inputChannels, classes, dropout: 0 })
}

const source = initialiseWeights(networkWith(3, 2), new RandomGenerator(1))

it('the same network: everything is taken', () => {
  const { weights, fresh } = transferWeights(networkWith(3, 2), source, new RandomGenerator(2))
  expect(fresh).toEqual([])
  expect([...weights.values()].every((tensor, index) => tensor === [...source.values()][index])).toBe(true)
})

it('other classes and channels: the head begins anew, the stem is fitted, all else is taken', () => {
  const network = networkWith(1, 5)
  const { weights, taken, fresh } = transferWeights(network, source, new RandomGenerator(2))
  expect(fresh).toEqual(['head.kernel', 'head.bias'])
  expect([...taken, ...fresh].length).toBe(weights.size)
  expect([...weights].map(([name, { shape }]) => [name, shape])).toEqual(
    listParameters(network).map(({ name, shape }) => [name, shape]),
  )
  const before = source.get('stem.kernel')?.data.slice(0, 27) ?? []
  const sum = (before[4] as number) + (before[13] as number) + (before[22] as number)
  expect(weights.get('stem.kernel')?.data[4]).toBeCloseTo(sum, 6)
  expect(weights.get('block_3.expand.gamma')).toBe(source.get('block_3.expand.gamma'))
})

it('another width is refused, naming the first parameter that differs', () => {
  expect(() => transferWeights(networkWith(3, 2, 1), source, new RandomGenerator(2))).toThrow(
    /stem\.kernel is \[16, 3, 3, 3\], expected is \[32, 3, 3, 3\]/,
  )
})

it('tensors that the network does not have are refused, not dropped', () => {
  const more = new Map([...source, ['block_17.expand.gamma', { shape: [1], data: new Float32Array(1) }]])
  expect(() => transferWeights(networkWith(3, 2), more, new RandomGenerator(2))).toThrow(
    /block_17\.expand\.gamma/,
  )
})

it.skipIf(sharedFolder === undefined)(
  'a Keras file starts the encoder, whatever it is called; the rest begins anew',
  async () => {
    const path = join(sharedFolder ?? '', 'reference', 'mobilenetv2_keras3.weights.h5')
    const network = networkWith(1, 2, 1)
    const { weights, taken, fresh } = await readStartingWeights(path, network, new RandomGenerator(3))
    expect(weights.size).toBe(listParameters(network).length)
    expect(taken.every((name) => /^(stem|block_\d+)\./.test(name))).toBe(true)
    expect(fresh.every((name) => /^(decoder_\d|head)\./.test(name))).toBe(true)
  },
)

it('a safetensors file of another program is refused as a start', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'segscope-transfer-'))
  try {
    const path = join(folder, 'foreign.safetensors')
    await writeSafetensors(path, source, { format: 'pt' })
    await expect(readStartingWeights(path, networkWith(3, 2), new RandomGenerator(1))).rejects.toMatchObject({
      code: 'not-a-checkpoint',
      message: `${path} is not a checkpoint of Segscope: it was not written by Segscope.`,
    })
  } finally {
    await rm(folder, { recursive: true })
  }
})
