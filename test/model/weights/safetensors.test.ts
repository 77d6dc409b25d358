import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SafetensorsFile, writeSafetensors } from '../../../src/model/weights/safetensors.ts'
import type { NamedTensors } from '../../../src/model/weights/tensor.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'segscope-safetensors-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

/** A file put together by hand, as the format's description says. */
async function fileOf(header: unknown, dataBytes: number, headerLength?: bigint): Promise<string> {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(headerLength ?? BigInt(text.length))
  const path = join(folder, 'by-hand.safetensors')
  await writeFile(path, Buffer.concat([length, text, Buffer.alloc(dataBytes, 1)]))
  return path
}

async function read(
  path: string,
): Promise<{ metadata: Readonly<Record<string, string>>; tensors: NamedTensors }> {
  const file = await SafetensorsFile.open(path)
  try {
    return { metadata: file.metadata, tensors: await file.readTensors() }
  } finally {
    await file.close()
  }
}

it('writes, byte for byte, what the reference implementation reads', async () => {
  const path = join(folder, 'written.safetensors')
  // A view into a longer buffer, a scalar and an empty tensor: the awkward ones.
  const view = new Float32Array([9, 1.5, -2, 9]).subarray(1, 3)
  const tensors: NamedTensors = new Map([
    ['a', { shape: [2, 1], data: view }],
    ['empty', { shape: [0, 4], data: new Float32Array(0) }],
    ['b', { shape: [], data: new Float32Array([0.25]) }],
  ])
  await writeSafetensors(path, tensors, { note: 'grün' })
  const header =
    '{"__metadata__":{"note":"grün"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},' +
    '"empty":{"dtype":"F32","shape":[0,4],"data_offsets":[8,8]},"b":{"dtype":"F32","shape":[],"data_offsets":[8,12]}}'
  const bytes = await readFile(path)
  const headerBytes = Buffer.from(header)
  const padding = -headerBytes.length & 7
  expect(bytes.readUInt32LE(0)).toBe(headerBytes.length + padding)
  expect(bytes.subarray(8, bytes.length - 12).toString()).toBe(header + ' '.repeat(padding))
  expect([0, 4, 8].map((offset) => bytes.readFloatLE(bytes.length - 12 + offset))).toEqual([1.5, -2, 0.25])

  const back = await read(path)
  expect(back.metadata).toEqual({ note: 'grün' })
  expect([...back.tensors]).toEqual([
    ['a', { shape: [2, 1], data: new Float32Array([1.5, -2]) }],
    ['empty', { shape: [0, 4], data: new Float32Array(0) }],
    ['b', { shape: [], data: new Float32Array([0.25]) }],
  ])
})

it('writes and reads half precision: half of the bytes, the nearest of the values that 16 bits have', async () => {
  const path = join(folder, 'half.safetensors')
  // The largest, the smallest above zero, and one between two neighbours of three digits.
  const data = new Float32Array([65504, 2 ** -24, -0.3333, 0])
  await writeSafetensors(path, new Map([['a', { shape: [2, 2], data }]]), {}, 'F16')
  const bytes = await readFile(path)
  // As numpy's float16 has them.
  expect([...bytes.subarray(-8)]).toEqual([0xff, 0x7b, 0x01, 0x00, 0x55, 0xb5, 0x00, 0x00])
  const { tensors } = await read(path)
  expect(tensors.get('a')).toEqual({
    shape: [2, 2],
    data: new Float32Array([65504, 2 ** -24, -0.333251953125, 0]),
  })
})

describe('headers that lie are refused before anything is read', () => {
  const f32 = (shape: number[], begin: number, end: number): unknown => ({
    dtype: 'F32',
    shape,
    data_offsets: [begin, end],
  })
  it.each([
    [
      'a length beyond all reason',
      '{}',
      0,
      2n ** 60n,
      'safetensors-invalid',
      'its header claims 1152921504606846976 bytes',
    ],
    [
      'a length beyond the file',
      '{}',
      0,
      5000n,
      'safetensors-truncated',
      'at least 5008 bytes were expected, 10 are there',
    ],
    ['no JSON', '{"a":', 0, undefined, 'safetensors-invalid', 'its header is not JSON'],
    ['a list', '[1]', 0, undefined, 'safetensors-invalid', 'its header is not an object'],
    [
      'a negative extent',
      { a: f32([-1], 0, 4) },
      4,
      undefined,
      'safetensors-invalid',
      'entry for a is malformed',
    ],
    [
      'overlapping data',
      { a: f32([2], 0, 8), b: f32([2], 4, 12) },
      12,
      undefined,
      'safetensors-invalid',
      'b begins at 4, not at 8',
    ],
    [
      'a hole in the data',
      { a: f32([1], 0, 4), b: f32([1], 8, 12) },
      12,
      undefined,
      'safetensors-invalid',
      'b begins at 8, not at 4',
    ],
    [
      'a shape of more than its bytes',
      { a: f32([1e9, 1e9], 0, 4) },
      4,
      undefined,
      'safetensors-invalid',
      'a has 4 bytes for the shape',
    ],
    [
      'bytes behind the last tensor',
      { a: f32([1], 0, 4) },
      9,
      undefined,
      'safetensors-invalid',
      '5 bytes follow its last tensor',
    ],
    ['half the data', { a: f32([4], 0, 16) }, 8, undefined, 'safetensors-truncated', 'is cut off'],
    [
      'another sample type',
      { a: { dtype: 'BF16', shape: [2], data_offsets: [0, 4] } },
      4,
      undefined,
      'safetensors-unsupported',
      'a as BF16',
    ],
    [
      'metadata that is no text',
      { __metadata__: { a: 1 } },
      0,
      undefined,
      'safetensors-invalid',
      '__metadata__',
    ],
  ])('%s', async (_what, header, dataBytes, headerLength, code, message) => {
    const path = await fileOf(header, dataBytes, headerLength)
    await expect(read(path)).rejects.toMatchObject({
      code,
      file: path,
      message: expect.stringContaining(message) as string,
    })
  })

  it('a file of four bytes', async () => {
    const path = join(folder, 'short.safetensors')
    await writeFile(path, 'abcd')
    await expect(read(path)).rejects.toMatchObject({ code: 'safetensors-truncated' })
  })
})
