import h5wasm from 'h5wasm/node'
import { damagedImage, reasonOf, truncatedImage, unsupportedImage } from '../image-errors.ts'
import type { Samples, SampleType } from '../../../model/images/image-source.ts'
import { createSamples } from '../regions.ts'
import { confinedTo } from './confine.ts'

/** What a data set holds. */
export interface DataSet {
  path: string
  shape: readonly number[]
  sampleType: SampleType
  bitsPerSample: number
}

/** Groups and data sets: Imaris keeps one a channel, time and resolution. Links can lead in circles, and would never end. */
const MOST_THINGS = 50_000
const DEEPEST = 16
/** One chunk is decompressed as a whole. */
const LARGEST_CHUNK = 2 ** 28
/** Read at once: what is read lies in libhdf5's memory before it lies in ours. */
const READ_BYTES = 2 ** 25
const INTEGER = 0
const FLOAT = 1
const ENUMERATION = 8

/** An HDF5 file, open for reading; libhdf5 reads from the disk what is asked for, and from this file alone. */
export class Hdf5DataSets {
  readonly path: string
  readonly #file: InstanceType<typeof h5wasm.File>
  readonly #module: Awaited<typeof h5wasm.ready>

  private constructor(
    path: string,
    file: InstanceType<typeof h5wasm.File>,
    module: Awaited<typeof h5wasm.ready>,
  ) {
    this.path = path
    this.#file = file
    this.#module = module
  }

  /** @throws SegscopeError `image-truncated`, `image-damaged` */
  static async open(path: string): Promise<Hdf5DataSets> {
    const module = await h5wasm.ready
    module.activate_throwing_error_handler()
    try {
      const file = confinedTo(module, path, () => new h5wasm.File(path, 'r'))
      return new Hdf5DataSets(path, file, module)
    } catch (thrown) {
      throw explain(path, thrown)
    }
  }

  /**
   * All data sets of numbers with two axes or more in a group and below it, by breadth. Links to other files and to nowhere are passed over.
   * @throws SegscopeError what is wrong with the first, where none can be read
   */
  list(top = '/'): DataSet[] {
    const found: DataSet[] = []
    let failure: Error | undefined
    let groups = [top]
    let things = 0
    for (let depth = 0; depth < DEEPEST && groups.length > 0; depth++) {
      const below: string[] = []
      for (const group of groups) {
        for (const name of this.namesIn(group)) {
          if (++things > MOST_THINGS) {
            throw unsupportedImage(this.path, `it has over ${String(MOST_THINGS)} groups and data sets`)
          }
          const path = group === '/' ? `/${name}` : `${group}/${name}`
          try {
            const entity = this.#confined(() => this.#file.get(path))
            if (entity instanceof h5wasm.Group) below.push(path)
            else if (entity instanceof h5wasm.Dataset) {
              found.push(...this.#confined(() => this.#describe(path, entity.metadata)))
            }
          } catch (thrown) {
            failure ??= explain(this.path, thrown)
          }
        }
      }
      groups = below
    }
    if (found.length === 0 && failure !== undefined) throw failure
    return found
  }

  /** The text of an attribute, of numbers the first; undefined where there is none. */
  attribute(path: string, name: string): string | undefined {
    const value = this.attributeValues(path, name)
    if (value === undefined) return undefined
    // Imaris writes text as an array of single letters.
    return value.every((part) => typeof part === 'string') ? value.join('') : String(value[0])
  }

  attributeValues(path: string, name: string): (string | number)[] | undefined {
    return this.#confined(() => {
      const entity = this.#file.get(path)
      if (!(entity instanceof h5wasm.Group || entity instanceof h5wasm.Dataset)) return undefined
      const attribute = entity.attrs[name]
      if (attribute === undefined) return undefined
      const value: unknown = attribute.value
      const values: unknown[] =
        Array.isArray(value) || ArrayBuffer.isView(value) ? Array.from(value as ArrayLike<unknown>) : [value]
      return values.map((each) =>
        typeof each === 'number' ? each : typeof each === 'bigint' ? Number(each) : String(each),
      )
    })
  }

  /** What is in a group; nothing where there is none. */
  namesIn(group: string): string[] {
    return this.#confined(() => {
      const entity = this.#file.get(group)
      return entity instanceof h5wasm.Group ? entity.keys() : []
    })
  }

  /** A data set of texts, or of one; undefined where there is none. */
  texts(path: string): string[] | undefined {
    return this.#confined(() => {
      const entity = this.#file.get(path)
      if (!(entity instanceof h5wasm.Dataset) || (entity.shape?.[0] ?? 1) > MOST_THINGS) return undefined
      const { value } = entity
      const values: unknown[] = Array.isArray(value) ? value : [value]
      return values.every((each) => typeof each === 'string') ? values.map(asUnicode) : undefined
    })
  }

  /** Reads a block in parts of READ_BYTES. @throws SegscopeError `image-damaged`, `image-truncated` */
  read({ path, sampleType }: DataSet, start: readonly number[], count: readonly number[]): Samples {
    const samples = createSamples(
      sampleType,
      count.reduce((product, size) => product * size, 1),
    )
    // Cut along the outermost axis that is longer than 1; below it blocks are whole.
    const axis = Math.max(
      0,
      count.findIndex((size) => size > 1),
    )
    const row = samples.length / (count[axis] as number)
    const rows = Math.max(1, Math.floor(READ_BYTES / (row * samples.BYTES_PER_ELEMENT)))
    for (let from = 0; from < (count[axis] as number); from += rows) {
      const length = Math.min(rows, (count[axis] as number) - from)
      const ranges = count.map((size, index) => {
        const begin = (start[index] as number) + (index === axis ? from : 0)
        return [begin, begin + (index === axis ? length : size)] as [number, number]
      })
      const part = this.#confined(() =>
        (this.#file.get(path) as InstanceType<typeof h5wasm.Dataset>).slice(ranges),
      )
      if (!ArrayBuffer.isView(part)) throw damagedImage(this.path, `its data set ${path} holds no numbers`)
      copyInto(samples, part, from * row)
    }
    return samples
  }

  close(): void {
    this.#file.close()
  }

  /** None where it holds no numbers. */
  #describe(path: string, metadata: InstanceType<typeof h5wasm.Dataset>['metadata']): DataSet[] {
    const { shape, type, enum_type: enumeration, size, signed, chunks } = metadata
    if (shape === null || shape.length < 2) return []
    const sampleType = sampleTypeOf(type === ENUMERATION ? (enumeration?.type ?? -1) : type, size, signed)
    if (sampleType === undefined) return []
    const chunkBytes = (chunks ?? []).reduce((product, length) => product * length, size)
    if (chunks !== null && chunkBytes > LARGEST_CHUNK) {
      throw unsupportedImage(
        this.path,
        `its data set ${path} is stored in chunks of ${String(Math.ceil(chunkBytes / 2 ** 20))} MiB, each of which must be decompressed whole`,
      )
    }
    return [{ path, shape, sampleType, bitsPerSample: 8 * size }]
  }

  #confined<Result>(read: () => Result): Result {
    try {
      return confinedTo(this.#module, this.path, read)
    } catch (thrown) {
      throw explain(this.path, thrown)
    }
  }
}

/** Programs write UTF-8 and declare ASCII, which h5wasm then takes for Latin 1. */
function asUnicode(text: string): string {
  if (!/^[\0-\xff]*[\x80-\xff][\0-\xff]*$/.test(text)) return text
  const decoded = Buffer.from(text, 'latin1').toString('utf8')
  return decoded.includes('\ufffd') ? text : decoded
}

function copyInto(samples: Samples, part: ArrayLike<number | bigint>, at: number): void {
  if (typeof part[0] === 'bigint') {
    for (let index = 0; index < part.length; index++) samples[at + index] = Number(part[index])
  } else samples.set(part as ArrayLike<number>, at)
}

/** 64-bit integers become float64; 16-bit floats are not read by h5wasm. */
function sampleTypeOf(type: number, size: number, signed: boolean): SampleType | undefined {
  if (type === FLOAT) return size === 4 ? 'float32' : size === 8 ? 'float64' : undefined
  if (type !== INTEGER) return undefined
  if (size === 8) return 'float64'
  const integers: Partial<Record<number, SampleType>> = signed
    ? { 1: 'int8', 2: 'int16', 4: 'int32' }
    : { 1: 'uint8', 2: 'uint16', 4: 'uint32' }
  return integers[size]
}

/** What libhdf5's stack of errors says in its deepest line. */
function explain(path: string, thrown: unknown): Error {
  if (thrown instanceof Error && thrown.name === 'SegscopeError') return thrown
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  const cut = /truncated file: eof = (\d+),.* stored_eof = (\d+)/.exec(text)
  if (cut !== null)
    return truncatedImage(
      path,
      `it says that it has ${cut[2] as string} bytes, ${cut[1] as string} are there`,
    )
  const reasons = [...text.matchAll(/in \w+\(\): (.*)/g)]
  return damagedImage(path, reasons.at(-1)?.[1] ?? reasonOf(thrown), thrown)
}
