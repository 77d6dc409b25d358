import { open, type FileHandle } from 'node:fs/promises'
import { z } from 'zod'
import { SegscopeError } from '../errors.ts'
import { writeFileAtomically } from '../files/atomic-write.ts'
import { elementCount, type NamedTensors, type Tensor } from './tensor.ts'

// The format: https://huggingface.co/docs/safetensors. Eight bytes, the header's length as a little-endian integer; the header, JSON; the
// tensors, row-major and little-endian, in the order of their offsets, with nothing between them.

/** The reference implementation's own limit (`MAX_HEADER_SIZE`). */
const LARGEST_HEADER = 100_000_000

const tensorSchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
})
const metadataSchema = z.record(z.string(), z.string())

/** Bytes of a value of the types that are read. Float16 is what networks that come with a program are kept in. */
const valueBytes = { F32: 4, F16: 2 } as const
export type ValueType = keyof typeof valueBytes

function isValueType(text: string): text is ValueType {
  return Object.hasOwn(valueBytes, text)
}

interface TensorPlace {
  shape: readonly number[]
  type: ValueType
  /** Byte offset of the first element in the file. */
  position: number
}

/**
 * Writes tensors and a record of texts as one safetensors file, whole or not at all.
 * @param type of the values in the file: F16 takes half of the place and keeps three digits
 * @throws SegscopeError as `writeFileAtomically`
 */
export async function writeSafetensors(
  path: string,
  tensors: NamedTensors,
  metadata: Readonly<Record<string, string>>,
  type: ValueType = 'F32',
): Promise<void> {
  await writeFileAtomically(path, safetensorsChunks(tensors, metadata, type))
}

function* safetensorsChunks(
  tensors: NamedTensors,
  metadata: Readonly<Record<string, string>>,
  type: ValueType,
): Generator<Uint8Array> {
  const header: Record<string, unknown> = { __metadata__: metadata }
  let end = 0
  for (const [name, { shape, data }] of tensors) {
    if (elementCount(shape) !== data.length)
      throw new Error(`${name} has ${data.length} values for its shape.`)
    const size = valueBytes[type] * data.length
    header[name] = { dtype: type, shape, data_offsets: [end, end + size] }
    end += size
  }
  const text = Buffer.from(JSON.stringify(header))
  // Spaces behind the header let the tensors begin at a multiple of eight bytes, as the reference implementation does.
  const padded = Buffer.alloc(Math.ceil(text.length / 8) * 8, ' ')
  text.copy(padded)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(padded.length))
  yield length
  yield padded
  for (const { data } of tensors.values()) {
    const values = type === 'F32' ? data : new Float16Array(data)
    yield new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  }
}

/**
 * A safetensors file open for reading: the header is read and checked against the file's size, the tensors are read when asked for,
 * each straight into its own memory.
 */
export class SafetensorsFile {
  readonly path: string
  readonly metadata: Readonly<Record<string, string>>
  readonly #handle: FileHandle
  readonly #places: ReadonlyMap<string, TensorPlace>

  private constructor(
    path: string,
    handle: FileHandle,
    metadata: Readonly<Record<string, string>>,
    places: ReadonlyMap<string, TensorPlace>,
  ) {
    this.path = path
    this.#handle = handle
    this.metadata = metadata
    this.#places = places
  }

  /**
   * @throws SegscopeError `file-not-found`, `safetensors-truncated`, `safetensors-invalid` (the header lies, or is none),
   * `safetensors-unsupported` (a tensor is neither float32 nor float16)
   */
  static async open(path: string): Promise<SafetensorsFile> {
    const handle = await openForReading(path)
    try {
      const { size } = await handle.stat()
      const header = await readHeader(handle, path, size)
      const { metadata, places } = parseHeader(header.text, header.end, size, path)
      return new SafetensorsFile(path, handle, metadata, places)
    } catch (thrown) {
      await handle.close()
      throw thrown
    }
  }

  /** Shapes by name, in the order of the data. */
  get shapes(): Map<string, readonly number[]> {
    return new Map([...this.#places].map(([name, place]) => [name, place.shape]))
  }

  /**
   * All tensors, in the order of the data.
   * @throws SegscopeError `safetensors-truncated` where the file has become shorter since it was opened
   */
  async readTensors(): Promise<NamedTensors> {
    const tensors = new Map<string, Tensor>()
    for (const [name, { shape, type, position }] of this.#places) {
      const count = elementCount(shape)
      const values = type === 'F32' ? new Float32Array(count) : new Float16Array(count)
      await readExactly(this.#handle, new Uint8Array(values.buffer), position, this.path)
      tensors.set(name, { shape, data: values instanceof Float32Array ? values : new Float32Array(values) })
    }
    return tensors
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}

async function openForReading(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (thrown) {
    throw new SegscopeError('file-not-found', `${path} cannot be opened: ${(thrown as Error).message}.`, {
      file: path,
      cause: thrown,
    })
  }
}

/** The header's text, and where in the file it ends. */
async function readHeader(
  handle: FileHandle,
  path: string,
  size: number,
): Promise<{ text: string; end: number }> {
  const prefix = Buffer.alloc(8)
  await readExactly(handle, prefix, 0, path)
  const length = prefix.readBigUInt64LE()
  if (length > LARGEST_HEADER) throw invalid(path, `its header claims ${length} bytes`)
  const end = 8 + Number(length)
  if (end > size) throw truncated(path, end, size)
  const text = Buffer.alloc(Number(length))
  await readExactly(handle, text, 8, path)
  return { text: text.toString('utf8'), end }
}

function parseHeader(
  text: string,
  dataStart: number,
  size: number,
  path: string,
): { metadata: Record<string, string>; places: Map<string, TensorPlace> } {
  const { __metadata__: rawMetadata = {}, ...rawTensors } = parseObject(text, path)
  const metadata = metadataSchema.safeParse(rawMetadata)
  if (!metadata.success) throw invalid(path, 'its __metadata__ is not a record of texts')
  const entries = Object.entries(rawTensors).map(([name, raw]) => {
    const entry = tensorSchema.safeParse(raw)
    if (!entry.success) throw invalid(path, `its header's entry for ${name} is malformed`)
    const { dtype, shape, data_offsets: offsets } = entry.data
    if (!isValueType(dtype)) throw unsupported(path, name, dtype)
    return { name, shape, type: dtype, begin: offsets[0], end: offsets[1] }
  })
  // Empty tensors may share an offset with the one behind them: the order of equal beginnings is that of the ends.
  entries.sort((left, right) => left.begin - right.begin || left.end - right.end)
  const places = new Map<string, TensorPlace>()
  let expectedBegin = 0
  for (const { name, shape, type, begin, end } of entries) {
    if (begin !== expectedBegin) throw invalid(path, `${name} begins at ${begin}, not at ${expectedBegin}`)
    if (end - begin !== valueBytes[type] * elementCount(shape)) {
      throw invalid(path, `${name} has ${end - begin} bytes for the shape [${shape.join(', ')}]`)
    }
    places.set(name, { shape, type, position: dataStart + begin })
    expectedBegin = end
  }
  const expectedSize = dataStart + expectedBegin
  if (size < expectedSize) throw truncated(path, expectedSize, size)
  if (size > expectedSize) throw invalid(path, `${size - expectedSize} bytes follow its last tensor`)
  return { metadata: metadata.data, places }
}

function parseObject(text: string, path: string): Record<string, unknown> {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (thrown) {
    throw invalid(path, 'its header is not JSON', thrown)
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw invalid(path, 'its header is not an object')
  }
  return parsed as Record<string, unknown>
}

async function readExactly(
  handle: FileHandle,
  into: Uint8Array,
  position: number,
  path: string,
): Promise<void> {
  let filled = 0
  while (filled < into.byteLength) {
    const { bytesRead } = await handle.read(into, filled, into.byteLength - filled, position + filled)
    if (bytesRead === 0) throw truncated(path, position + into.byteLength, position + filled)
    filled += bytesRead
  }
}

function truncated(path: string, expected: number, found: number): SegscopeError {
  return new SegscopeError(
    'safetensors-truncated',
    `${path} is cut off: at least ${expected} bytes were expected, ${found} are there.`,
    { file: path, remedy: 'Copy it again from where it came from.' },
  )
}

function invalid(path: string, reason: string, cause?: unknown): SegscopeError {
  return new SegscopeError('safetensors-invalid', `${path} is not a valid safetensors file: ${reason}.`, {
    file: path,
    remedy: 'Choose a checkpoint that Segscope wrote.',
    cause,
  })
}

function unsupported(path: string, name: string, dtype: string): SegscopeError {
  return new SegscopeError(
    'safetensors-unsupported',
    `${path} holds ${name} as ${dtype}; Segscope reads floats of 32 and 16 bits (F32, F16).`,
    { file: path, remedy: 'Convert it to float32.' },
  )
}
