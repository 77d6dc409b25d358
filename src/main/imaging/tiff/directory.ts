import { setImmediate } from 'node:timers/promises'
import { damagedImage, truncatedImage } from '../image-errors.ts'
import type { RandomAccessFile } from '../random-access-file.ts'

/** What the first bytes of a TIFF say. */
export interface TiffHeader {
  littleEndian: boolean
  /** BigTIFF: offsets and counts of 64 bits. */
  big: boolean
  firstDirectory: number
}

interface Entry {
  type: number
  count: number
  /** The values themselves where they fit into the entry, else where they are in the file. */
  place: Uint8Array<ArrayBuffer> | number
}

/** Bytes of each value type (TIFF 6.0 section 2; 13 is IFD, 16 to 18 are BigTIFF's). */
const typeBytes = new Map([
  [1, 1],
  [2, 1],
  [3, 2],
  [4, 4],
  [5, 8],
  [6, 1],
  [7, 1],
  [8, 2],
  [9, 4],
  [10, 8],
  [11, 4],
  [12, 8],
  [13, 4],
  [16, 8],
  [17, 8],
  [18, 8],
])

/** A directory of 30 entries. */
const DIRECTORY_BYTES = 512

/** Classic TIFF cannot hold more, and no BigTIFF does. */
const MAXIMUM_ENTRIES = 65_535

/** A day of video at one frame a second; walking this many pages takes seconds. */
const MAXIMUM_PAGES = 100_000

/** Of a walk through thousands of directories, between which others have their turn. */
const MILLISECONDS_AT_ONCE = 20

/** Values of a single tag: the offsets of this many strips are beyond any real file. */
const MAXIMUM_VALUES = 2 ** 24

/** Reads the header. @throws SegscopeError `image-truncated` or `image-damaged` */
export async function readHeader(file: RandomAccessFile): Promise<TiffHeader> {
  const start = new DataView((await file.read(0, 8, 'the TIFF header')).buffer)
  const littleEndian = start.getUint8(0) === 0x49
  if (start.getUint16(2, littleEndian) === 42) {
    return { littleEndian, big: false, firstDirectory: start.getUint32(4, littleEndian) }
  }
  if (start.getUint16(4, littleEndian) !== 8 || start.getUint16(6, littleEndian) !== 0) {
    throw damagedImage(file.path, 'its BigTIFF header does not use offsets of 8 bytes')
  }
  const rest = new DataView((await file.read(8, 8, 'the BigTIFF header')).buffer)
  return { littleEndian, big: true, firstDirectory: Number(rest.getBigUint64(0, littleEndian)) }
}

/** One directory (IFD) of a TIFF: a page's tags. Values are read from the file when they are asked for. */
export class TiffDirectory {
  /** Where the next directory is; 0 where this is the last. */
  readonly next: number
  readonly littleEndian: boolean
  readonly #file: RandomAccessFile
  readonly #entries: Map<number, Entry>

  private constructor(
    file: RandomAccessFile,
    littleEndian: boolean,
    entries: Map<number, Entry>,
    next: number,
  ) {
    this.#file = file
    this.littleEndian = littleEndian
    this.#entries = entries
    this.next = next
  }

  /** @throws SegscopeError `image-truncated` where the directory is not inside the file, `image-damaged` where it has no or too many entries */
  static async read(file: RandomAccessFile, header: TiffHeader, offset: number): Promise<TiffDirectory> {
    const { littleEndian, big } = header
    const countBytes = big ? 8 : 2
    const entryBytes = big ? 20 : 12
    const pointerBytes = big ? 8 : 4
    // Most directories are whole in the first read: a stack has thousands of them.
    const ahead = Math.max(countBytes, Math.min(DIRECTORY_BYTES, file.size - offset))
    const head = new DataView((await file.read(offset, ahead, 'a TIFF directory')).buffer)
    const count = big ? Number(head.getBigUint64(0, littleEndian)) : head.getUint16(0, littleEndian)
    if (count === 0 || count > MAXIMUM_ENTRIES) {
      throw damagedImage(file.path, `a TIFF directory declares ${String(count)} entries`)
    }
    const start = offset + countBytes
    // Some writers end the file without the pointer to the next directory.
    const length = Math.min(
      count * entryBytes + pointerBytes,
      Math.max(count * entryBytes, file.size - start),
    )
    const view =
      countBytes + length <= ahead
        ? new DataView(head.buffer, countBytes, length)
        : new DataView((await file.read(start, length, 'a TIFF directory')).buffer)
    const entries = new Map<number, Entry>()
    for (let index = 0; index < count; index++) {
      const at = index * entryBytes
      const tag = view.getUint16(at, littleEndian)
      const type = view.getUint16(at + 2, littleEndian)
      const values = big
        ? Number(view.getBigUint64(at + 4, littleEndian))
        : view.getUint32(at + 4, littleEndian)
      const size = typeBytes.get(type)
      if (size === undefined || values === 0 || entries.has(tag)) continue
      const valueAt = at + (big ? 12 : 8)
      const isInline = values * size <= pointerBytes
      entries.set(tag, {
        type,
        count: values,
        place: isInline
          ? new Uint8Array(
              view.buffer.slice(view.byteOffset + valueAt, view.byteOffset + valueAt + pointerBytes),
            )
          : readPointer(view, valueAt, header),
      })
    }
    const hasPointer = length === count * entryBytes + pointerBytes
    const next = hasPointer ? readPointer(view, count * entryBytes, header) : 0
    return new TiffDirectory(file, littleEndian, entries, next)
  }

  has(tag: number): boolean {
    return this.#entries.has(tag)
  }

  /** How many values a tag has; 0 where it is absent. */
  count(tag: number): number {
    return this.#entries.get(tag)?.count ?? 0
  }

  /**
   * A tag's values, at most the first `maximum`; rationals as quotients. Empty where the tag is absent.
   * @throws SegscopeError `image-truncated` where they are not inside the file
   */
  async numbers(tag: number, maximum = MAXIMUM_VALUES): Promise<Float64Array> {
    const entry = this.#entries.get(tag)
    if (entry === undefined) return new Float64Array(0)
    const size = typeBytes.get(entry.type) as number
    const count = Math.min(entry.count, maximum)
    const bytes = await this.#valueBytes(tag, entry, count * size)
    const view = new DataView(bytes.buffer)
    const values = new Float64Array(count)
    for (let index = 0; index < count; index++) {
      values[index] = readValue(view, index * size, entry.type, this.littleEndian)
    }
    return values
  }

  /** A tag's first value, or `absent`. */
  async number(tag: number, absent: number): Promise<number> {
    return (await this.numbers(tag, 1))[0] ?? absent
  }

  /** A tag's bytes, at most `maximum`; undefined where it is absent. */
  async bytes(tag: number, maximum: number): Promise<Uint8Array | undefined> {
    const entry = this.#entries.get(tag)
    if (entry === undefined) return undefined
    const size = (typeBytes.get(entry.type) as number) * entry.count
    return this.#valueBytes(tag, entry, Math.min(size, maximum))
  }

  async #valueBytes(tag: number, { place }: Entry, length: number): Promise<Uint8Array<ArrayBuffer>> {
    if (typeof place !== 'number') return place.slice(0, length)
    return this.#file.read(place, length, `TIFF tag ${String(tag)}`)
  }
}

/**
 * Reads every directory of the main chain, calling `visit` with each and its offset. A chain that leads back into
 * itself ends there, as with libtiff: all its pages have been seen.
 * @throws SegscopeError `image-damaged` where it has more than `MAXIMUM_PAGES`
 */
export async function walkDirectories(
  file: RandomAccessFile,
  header: TiffHeader,
  visit: (directory: TiffDirectory, offset: number, index: number) => Promise<void>,
): Promise<void> {
  const visited = new Set<number>()
  let nextRest = performance.now() + MILLISECONDS_AT_ONCE
  let offset = header.firstDirectory
  if (offset === 0) throw truncatedImage(file.path, 'it has no TIFF directory')
  while (offset !== 0 && !visited.has(offset)) {
    if (visited.size === MAXIMUM_PAGES)
      throw damagedImage(file.path, `it has over ${String(MAXIMUM_PAGES)} pages`)
    const directory = await TiffDirectory.read(file, header, offset)
    await visit(directory, offset, visited.size)
    visited.add(offset)
    if (performance.now() > nextRest) {
      await setImmediate()
      nextRest = performance.now() + MILLISECONDS_AT_ONCE
    }
    offset = directory.next
  }
}

function readPointer(view: DataView, at: number, header: TiffHeader): number {
  return header.big
    ? Number(view.getBigUint64(at, header.littleEndian))
    : view.getUint32(at, header.littleEndian)
}

function readValue(view: DataView, at: number, type: number, littleEndian: boolean): number {
  switch (type) {
    case 3:
      return view.getUint16(at, littleEndian)
    case 4:
    case 13:
      return view.getUint32(at, littleEndian)
    case 5:
      return view.getUint32(at, littleEndian) / view.getUint32(at + 4, littleEndian)
    case 6:
      return view.getInt8(at)
    case 8:
      return view.getInt16(at, littleEndian)
    case 9:
      return view.getInt32(at, littleEndian)
    case 10:
      return view.getInt32(at, littleEndian) / view.getInt32(at + 4, littleEndian)
    case 11:
      return view.getFloat32(at, littleEndian)
    case 12:
      return view.getFloat64(at, littleEndian)
    case 16:
    case 18:
      return Number(view.getBigUint64(at, littleEndian))
    case 17:
      return Number(view.getBigInt64(at, littleEndian))
    default:
      return view.getUint8(at)
  }
}
