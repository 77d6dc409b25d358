import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import h5wasm from 'h5wasm/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Network } from '../../../src/model/network/network.ts'
import { listParameters } from '../../../src/model/network/parameters.ts'
import { buildNetwork } from '../../../src/model/network/unet.ts'
import { readKerasEncoder } from '../../../src/model/weights/keras-hdf5.ts'
import { kerasLayouts } from '../../../src/model/weights/keras-layouts.ts'
import type { NamedTensors } from '../../../src/model/weights/tensor.ts'
import { sharedFolder } from '../../shared.ts'

function networkWith(alpha: number, inputChannels: number): Network {
  return buildNetwork({
    encoder: 'mobilenet-v2',
    alpha,
    decoder: 'slim',
    inputChannels,
    classes: 3,
    dropout: 0,
  })
}

/** One value of a tensor by its indices. */
function at(tensors: NamedTensors, name: string, ...indices: number[]): number {
  const { shape, data } = tensors.get(name) as { shape: readonly number[]; data: Float32Array }
  return data[indices.reduce((offset, index, axis) => offset * (shape[axis] as number) + index, 0)] as number
}

/** Checksums of the data by name: vitest takes half a minute to compare the numbers one by one. */
function digests(tensors: NamedTensors): [string, string][] {
  return [...tensors].map(([name, { data }]) => [name, createHash('sha256').update(data).digest('hex')])
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'segscope-keras-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

describe.skipIf(sharedFolder === undefined)('weights written by Keras', () => {
  const file = (name: string): string => join(sharedFolder ?? '', 'reference', `mobilenetv2_${name}`)
  const layouts = ['first_names.h5', 'keras2_names.h5', 'whole_model.h5', 'keras3.weights.h5']

  it.each(layouts)('%s: every value where Keras has it', async (name) => {
    const weights = await readKerasEncoder(file(name), networkWith(1, 3))
    // Read with h5py 3 from mobilenetv2_first_names.h5; the comment is h5py's layer and index.
    expect(at(weights, 'stem.kernel', 5, 2, 0, 1)).toBe(0.04739197716116905) // Conv1 kernel [0, 1, 2, 5]
    expect(at(weights, 'block_0.depthwise.kernel', 30, 0, 2, 1)).toBe(0.3510819673538208) // mobl0_conv_0_depthwise [2, 1, 30, 0]
    expect(at(weights, 'block_13.expand.kernel', 11, 95, 0, 0)).toBe(-0.16320864856243134) // mobl13_conv_13_expand [0, 0, 95, 11]
    expect(at(weights, 'block_16.project.kernel', 319, 7, 0, 0)).toBe(0.023228682577610016) // mobl16_conv_16_project [0, 0, 7, 319]
    // bn7_conv_7_bn_depthwise [100]
    expect(at(weights, 'block_7.depthwise.gamma', 100)).toBe(1.2493177652359009)
    expect(at(weights, 'block_7.depthwise.beta', 100)).toBe(0.3929206430912018)
    expect(at(weights, 'block_7.depthwise.moving_mean', 100)).toBe(-0.6515665054321289)
    expect(at(weights, 'block_7.depthwise.moving_variance', 100)).toBe(0.9569481015205383)
  })

  it('the same tensors from all four layouts, one for each parameter of the encoder', async () => {
    const network = networkWith(1, 3)
    const [first, ...others] = await Promise.all(layouts.map((name) => readKerasEncoder(file(name), network)))
    const shapes = [...(first as NamedTensors)].map(([name, tensor]) => [name, tensor.shape])
    const encoder = listParameters(network).filter((parameter) => parameter.part === 'encoder')
    expect(shapes).toEqual(encoder.map((parameter) => [parameter.name, parameter.shape]))
    for (const other of others) expect(digests(other)).toEqual(digests(first as NamedTensors))
  })

  it('one input channel: the sum of the kernels, as h5py gives it', async () => {
    const grey = await readKerasEncoder(file('first_names.h5'), networkWith(1, 1))
    expect(grey.get('stem.kernel')?.shape).toEqual([32, 1, 3, 3])
    expect(at(grey, 'stem.kernel', 5, 0, 0, 1)).toBeCloseTo(-0.007827583700418472, 7)
  })

  it('four input channels that are all equal: answered as three equal ones', async () => {
    const three = await readKerasEncoder(file('first_names.h5'), networkWith(1, 3))
    const four = await readKerasEncoder(file('first_names.h5'), networkWith(1, 4))
    const sum = (weights: NamedTensors, channels: number): number =>
      Array.from({ length: channels }, (_, channel) => at(weights, 'stem.kernel', 9, channel, 2, 0)).reduce(
        (a, b) => a + b,
      )
    expect(sum(four, 4)).toBeCloseTo(sum(three, 3), 6)
  })

  it('a file cut off is told with both sizes', async () => {
    const cut = join(folder, 'cut.h5')
    await writeFile(cut, (await readFile(file('keras2_names.h5'))).subarray(0, 5_000_000))
    await expect(readKerasEncoder(cut, networkWith(1, 3))).rejects.toMatchObject({
      code: 'hdf5-truncated',
      message: `${cut} is cut off: it says it has 9415056 bytes, but 5000000 are there.`,
    })
  })

  it('another width is told with the layer and both shapes', async () => {
    await expect(readKerasEncoder(file('keras2_names.h5'), networkWith(0.5, 3))).rejects.toMatchObject({
      code: 'weights-wrong-shape',
      message: expect.stringContaining(
        'Conv1/Conv1/kernel:0 is (3, 3, 3, 32), expected is (3, 3, any, 16)',
      ) as string,
    })
  })

  it('HDF5 without MobileNetV2 is refused', async () => {
    const other = join(sharedFolder ?? '', 'reference', 'network_training.h5')
    await expect(readKerasEncoder(other, networkWith(1, 3))).rejects.toMatchObject({
      code: 'weights-of-another-network',
    })
  })
})

describe('files that do not fit', () => {
  const network = networkWith(0.35, 3)

  /** Writes a file of a narrow MobileNetV2 in the later names; `change` gives other values for a data set, or undefined to leave it out. */
  async function writeKeras(
    name: string,
    change: (layer: string, values: Float32Array) => Float32Array | undefined,
  ): Promise<string> {
    await h5wasm.ready
    const path = join(folder, name)
    const file = new h5wasm.File(path, 'w')
    const layout = kerasLayouts(network).find(
      (candidate) => candidate.name === 'weights by the later Keras names',
    )
    for (const { layer, parameter, dataSets } of layout?.places ?? []) {
      const [a, b, height, width] = parameter.shape as [number, number, number, number]
      const byRole = { kernel: [height, width, b, a], 'depthwise-kernel': [height, width, a, b] } as const
      const shape =
        parameter.role === 'kernel' || parameter.role === 'depthwise-kernel' ? byRole[parameter.role] : [a]
      const data = change(
        layer,
        new Float32Array(shape.reduce((product, extent) => product * extent)).fill(0.5),
      )
      if (data === undefined) continue
      const group = file.get(layer) ?? file.create_group(layer)
      if (!(group instanceof h5wasm.Group)) throw new Error(`${layer} is no group`)
      group.create_dataset({ name: `${dataSets[0]}:0`, data, shape: [...shape] })
    }
    file.close()
    return path
  }

  it('a layer that is missing is named, with what was to come from it', async () => {
    const path = await writeKeras('missing.h5', (layer, values) =>
      layer === 'block_3_expand' ? undefined : values,
    )
    await expect(readKerasEncoder(path, network)).rejects.toMatchObject({
      code: 'weights-layer-missing',
      file: path,
      message: expect.stringMatching(
        /The layer block_3_expand is missing .* block_3\.expand\.kernel .*\[48, 8, 1, 1\]/,
      ) as string,
    })
  })

  it('a number that is not finite is named with its layer', async () => {
    const path = await writeKeras('nan.h5', (layer, values) =>
      layer === 'block_9_project_BN' ? values.fill(Number.NaN, 3, 4) : values,
    )
    await expect(readKerasEncoder(path, network)).rejects.toMatchObject({
      code: 'weights-not-finite',
      message: expect.stringContaining('block_9_project_BN holds NaN') as string,
    })
  })

  it('a web page, an empty file and no file are told apart from HDF5', async () => {
    const page = join(folder, 'page.h5')
    await writeFile(page, '<!DOCTYPE html><title>Not found</title>')
    await expect(readKerasEncoder(page, network)).rejects.toMatchObject({ code: 'hdf5-not-recognised' })
    const empty = join(folder, 'empty.h5')
    await writeFile(empty, '')
    await expect(readKerasEncoder(empty, network)).rejects.toMatchObject({ code: 'hdf5-not-recognised' })
    await expect(readKerasEncoder(join(folder, 'absent.h5'), network)).rejects.toMatchObject({
      code: 'file-not-found',
    })
  })
})
