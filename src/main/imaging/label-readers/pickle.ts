/** An object of a class that is not known here; nothing of it was made or run. */
export interface OpaqueObject {
  opaque: string
}

/** An array of NumPy as pickled. */
export interface PickledArray {
  shape: readonly number[]
  /** `<u2`; `|O` holds objects. */
  type: string
  isFortran: boolean
  data: Uint8Array | readonly unknown[]
}

/** Where the description of an array is put together: `_reconstruct`, then its state. */
class ArrayBuilder {
  array: PickledArray | undefined
}

/** A dtype: `u2`, then its byte order. */
class TypeBuilder {
  readonly code: string
  order = '|'

  constructor(code: string) {
    this.code = code
  }
}

class Global {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

const mark = Symbol('mark')

/** Of a dictionary with anything for keys. */
export type PickledMap = Map<unknown, unknown>

/**
 * Reads a pickle of Python's as data. A pickle is a program that may call anything; this reads numbers, texts, bytes, tuples,
 * lists, dictionaries and NumPy's arrays, and calls nothing: what names another class or function becomes an object that
 * says its name only. Opcodes: `pickletools` in Python's library, protocols 2 to 5.
 * @throws RangeError where the bytes end before the program; Error at an opcode that data do not need
 */
export function readPickle(bytes: Uint8Array): unknown {
  return new PickleReader(bytes).read()
}

class PickleReader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #stack: unknown[] = []
  readonly #memo = new Map<number, unknown>()
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  read(): unknown {
    for (;;) {
      const code = this.#number(1)
      if (code === 0x2e) return this.#pop()
      this.#perform(code)
    }
  }

  #perform(code: number): void {
    const push = (value: unknown): void => void this.#stack.push(value)
    switch (String.fromCharCode(code)) {
      case '\x80': // PROTO
        this.#take(1)
        return
      case '\x95': // FRAME
        this.#take(8)
        return
      case '(': {
        push(mark)
        return
      }
      case '0':
        this.#pop()
        return
      case '1':
        this.#toMark()
        return
      case '2': {
        push(this.#stack.at(-1))
        return
      }
      case 'N': {
        push(null)
        return
      }
      case '\x88': {
        push(true)
        return
      }
      case '\x89': {
        push(false)
        return
      }
      case 'K': {
        push(this.#number(1))
        return
      }
      case 'M': {
        push(this.#number(2))
        return
      }
      case 'J': {
        push(this.#number(4) | 0)
        return
      }
      case '\x8a': {
        push(this.#longInteger(this.#number(1)))
        return
      }
      case '\x8b': {
        push(this.#longInteger(this.#number(4)))
        return
      }
      case 'G': {
        push(new DataView(this.#take(8).slice().buffer).getFloat64(0))
        return
      }
      case 'X': {
        push(this.#text(this.#number(4)))
        return
      }
      case '\x8c': {
        push(this.#text(this.#number(1)))
        return
      }
      case '\x8d': {
        push(this.#text(this.#long()))
        return
      }
      case 'B': {
        push(this.#take(this.#number(4)))
        return
      }
      case 'C': {
        push(this.#take(this.#number(1)))
        return
      }
      case '\x8e':
      case '\x96': {
        push(this.#take(this.#long()))
        return
      }
      case 'T': {
        push(Buffer.from(this.#take(this.#number(4))).toString('latin1'))
        return
      }
      case 'U': {
        push(Buffer.from(this.#take(this.#number(1))).toString('latin1'))
        return
      }
      case ')':
      case ']': {
        push([])
        return
      }
      case '}': {
        push(new Map())
        return
      }
      case '\x8f': {
        push([])
        return
      }
      case 't':
      case 'l': {
        push(this.#toMark())
        return
      }
      case 'd': {
        const map: PickledMap = new Map()
        this.#addItems(map, this.#toMark())
        push(map)
        return
      }
      case '\x85': {
        push(this.#last(1))
        return
      }
      case '\x86': {
        push(this.#last(2))
        return
      }
      case '\x87': {
        push(this.#last(3))
        return
      }
      case 'a': {
        const value = this.#pop()
        this.#list().push(value)
        return
      }
      case 'e':
      case '\x90': {
        const values = this.#toMark()
        for (const value of values) this.#list().push(value)
        return
      }
      case '\x91': {
        push(this.#toMark())
        return
      }
      case 's':
        this.#addItems(undefined, this.#last(2))
        return
      case 'u':
        this.#addItems(undefined, this.#toMark())
        return
      case 'q':
        this.#memo.set(this.#number(1), this.#stack.at(-1))
        return
      case 'r':
        this.#memo.set(this.#number(4), this.#stack.at(-1))
        return
      case '\x94':
        this.#memo.set(this.#memo.size, this.#stack.at(-1))
        return
      case 'h': {
        push(this.#memo.get(this.#number(1)))
        return
      }
      case 'j': {
        push(this.#memo.get(this.#number(4)))
        return
      }
      case 'c': {
        push(new Global(`${this.#line()}.${this.#line()}`))
        return
      }
      case '\x93': {
        const [module, name] = this.#last(2)
        push(new Global(`${String(module)}.${String(name)}`))
        return
      }
      case 'R':
      case '\x81': {
        const [called, values] = this.#last(2)
        push(construct(called, values))
        return
      }
      case 'b': {
        const state = this.#pop()
        setState(this.#stack.at(-1), state)
        return
      }
      default:
        throw new Error(`the pickle has an instruction (${code}) that no array needs`)
    }
  }

  #take(length: number): Uint8Array {
    if (length < 0 || this.#at + length > this.#bytes.length) throw new RangeError('The pickle is cut off.')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  /** Little-endian. */
  #number(length: 1 | 2 | 4): number {
    this.#take(length)
    const from = this.#at - length
    if (length === 1) return this.#view.getUint8(from)
    return length === 2 ? this.#view.getUint16(from, true) : this.#view.getUint32(from, true)
  }

  #long(): number {
    this.#take(8)
    return Number(this.#view.getBigUint64(this.#at - 8, true))
  }

  #longInteger(length: number): number {
    if (length > 16) throw new Error('the pickle has an absurd number')
    const value = this.#take(length).reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
    return Number(BigInt.asIntN(8 * length, value))
  }

  #text(length: number): string {
    return Buffer.from(this.#take(length)).toString('utf8')
  }

  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at)
    if (end === -1) throw new RangeError('The pickle is cut off.')
    const text = this.#text(end - this.#at)
    this.#at++
    return text
  }

  #pop(): unknown {
    if (this.#stack.length === 0) throw new Error('the pickle takes more than it gave')
    return this.#stack.pop()
  }

  #last(count: number): unknown[] {
    if (this.#stack.length < count) throw new Error('the pickle takes more than it gave')
    return this.#stack.splice(-count)
  }

  #toMark(): unknown[] {
    const from = this.#stack.lastIndexOf(mark)
    if (from === -1) throw new Error('the pickle takes more than it gave')
    return this.#stack.splice(from).slice(1)
  }

  #list(): unknown[] {
    const list = this.#stack.at(-1)
    if (!Array.isArray(list)) throw new Error('the pickle appends to what is no list')
    return list
  }

  #addItems(given: PickledMap | undefined, values: readonly unknown[]): void {
    const map = given ?? this.#stack.at(-1)
    if (!(map instanceof Map)) {
      // Items of a class that is not known here.
      if (isOpaque(map)) return
      throw new Error('the pickle sets items of what is no dictionary')
    }
    for (let index = 0; index + 1 < values.length; index += 2) map.set(values[index], values[index + 1])
  }
}

function construct(called: unknown, values: unknown): unknown {
  if (!(called instanceof Global) || !Array.isArray(values)) return { opaque: 'something' }
  const name = called.name.replace(/^numpy\.core\./, 'numpy._core.')
  if (name === 'numpy._core.multiarray._reconstruct') return new ArrayBuilder()
  if (name === 'numpy.dtype') return new TypeBuilder(String(values[0]))
  if (name === 'numpy._core.numeric._frombuffer') {
    const [data, type, shape, order] = values as unknown[]
    return arrayOf(shape, type, order === 'F', data)
  }
  // How protocol 2 carries bytes: as the text that they are in Latin-1.
  if (name === '_codecs.encode') return Buffer.from(String(values[0]), 'latin1')
  return { opaque: called.name } satisfies OpaqueObject
}

function setState(target: unknown, state: unknown): void {
  if (target instanceof TypeBuilder && Array.isArray(state)) target.order = String(state[1])
  if (target instanceof ArrayBuilder && Array.isArray(state)) {
    const [, shape, type, isFortran, data] = state as unknown[]
    target.array = arrayOf(shape, type, isFortran === true, data).array
  }
}

function arrayOf(shape: unknown, type: unknown, isFortran: boolean, data: unknown): ArrayBuilder {
  const builder = new ArrayBuilder()
  const isData = data instanceof Uint8Array || Array.isArray(data)
  if (Array.isArray(shape) && type instanceof TypeBuilder && isData) {
    builder.array = {
      shape: shape.map(Number),
      type: `${type.order}${type.code}`,
      isFortran,
      data: data as PickledArray['data'],
    }
  }
  return builder
}

function isOpaque(value: unknown): value is OpaqueObject {
  return typeof value === 'object' && value !== null && 'opaque' in value
}

/** The array that a value of a pickle is; undefined where it is none. */
export function pickledArray(value: unknown): PickledArray | undefined {
  return value instanceof ArrayBuilder ? value.array : undefined
}
