import { open, realpath } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'
import { unzip } from 'unzipit'
import type { AbsolutePath, AsyncReadable, RangeQuery } from 'zarrita'
import { damagedImage, oversizedImage, reasonOf, truncatedImage } from '../image-errors.ts'
import { DEFLATE_EXPANSION } from '../limits.ts'
import type { RandomAccessFile } from '../random-access-file.ts'

/** The files of a Zarr hierarchy, by their names within it, with `/` between folders. */
export interface ZarrStore extends AsyncReadable {
  getRange(key: AbsolutePath, range: RangeQuery): Promise<Uint8Array | undefined>
  close(): Promise<void>
}

/** One file or part that is read at once: a chunk, an index or metadata. */
const LARGEST_READ = 2 ** 28

/** A folder. Links that lead out of it are not followed. */
export class ZarrFolder implements ZarrStore {
  readonly #root: string

  private constructor(root: string) {
    this.#root = root
  }

  /** @param path absolute or not; of a folder that is there */
  static async open(path: string): Promise<ZarrFolder> {
    return new ZarrFolder(await realpath(path))
  }

  get(key: AbsolutePath): Promise<Uint8Array | undefined> {
    return this.#read(key, { suffixLength: Infinity })
  }

  getRange(key: AbsolutePath, range: RangeQuery): Promise<Uint8Array | undefined> {
    return this.#read(key, range)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  async #read(key: AbsolutePath, range: RangeQuery): Promise<Uint8Array | undefined> {
    const path = join(this.#root, key)
    let real: string
    try {
      real = await realpath(path)
    } catch (error) {
      if (isAbsent(error)) return undefined
      throw error
    }
    const way = relative(this.#root, real)
    if (way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way)) {
      throw damagedImage(this.#root, `${key} is a link that leads out of it`)
    }
    const handle = await open(real, 'r')
    try {
      const status = await handle.stat()
      if (!status.isFile()) return undefined
      const { offset, length } = checkRange(this.#root, key, range, status.size)
      const bytes = new Uint8Array(length)
      const { bytesRead } = await handle.read(bytes, 0, length, offset)
      if (bytesRead < length) throw truncatedImage(this.#root, `${key} became shorter while it was read`)
      return bytes
    } finally {
      await handle.close()
    }
  }
}

/** A zip archive, read where its entries lie. */
export class ZarrZip implements ZarrStore {
  readonly #file: RandomAccessFile
  readonly #entries: Awaited<ReturnType<typeof unzip>>['entries']
  /** The folder in the archive that is the hierarchy: '' or `name.zarr/`. */
  readonly #folder: string

  private constructor(
    file: RandomAccessFile,
    entries: Awaited<ReturnType<typeof unzip>>['entries'],
    folder: string,
  ) {
    this.#file = file
    this.#entries = entries
    this.#folder = folder
  }

  /** @throws SegscopeError `image-damaged` where it is no sound archive, or holds no Zarr metadata */
  static async open(file: RandomAccessFile): Promise<ZarrZip> {
    const reader = {
      getLength: () => Promise.resolve(file.size),
      read: (offset: number, length: number) => {
        if (length > LARGEST_READ)
          throw oversizedImage(file.path, `its list of files takes ${String(length)} bytes`)
        return file.read(offset, length, 'a part of the zip archive')
      },
    }
    const { entries } = await unzip(reader).catch((error: unknown) => {
      throw damagedImage(file.path, `it is no sound zip archive (${reasonOf(error)})`, error)
    })
    const metadata = Object.keys(entries)
      .filter((name) => /(^|\/)(zarr\.json|\.zgroup|\.zattrs|\.zarray)$/.test(name))
      .sort((one, other) => one.split('/').length - other.split('/').length)
    const [first] = metadata
    if (first === undefined) throw damagedImage(file.path, 'it is a zip archive that holds no Zarr image')
    return new ZarrZip(file, entries, first.slice(0, first.lastIndexOf('/') + 1))
  }

  get(key: AbsolutePath): Promise<Uint8Array | undefined> {
    return this.getRange(key, { suffixLength: Infinity })
  }

  async getRange(key: AbsolutePath, range: RangeQuery): Promise<Uint8Array | undefined> {
    const entry = this.#entries[`${this.#folder}${key.slice(1)}`]
    if (entry === undefined || entry.isDirectory) return undefined
    if (
      entry.size > Math.max(1, entry.compressedSize) * DEFLATE_EXPANSION ||
      entry.compressedSize > this.#file.size
    ) {
      throw damagedImage(
        this.#file.path,
        `${key} is said to unpack to ${String(entry.size)} bytes, more than it can`,
      )
    }
    const { offset, length } = checkRange(this.#file.path, key, range, entry.size)
    checkRange(this.#file.path, key, { suffixLength: entry.size }, entry.size)
    try {
      const bytes = new Uint8Array(await entry.arrayBuffer())
      if (bytes.length !== entry.size) throw new Error(`it unpacks to ${String(bytes.length)} bytes`)
      return bytes.subarray(offset, offset + length)
    } catch (error) {
      throw damagedImage(this.#file.path, `${key} cannot be unpacked (${reasonOf(error)})`, error)
    }
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

/** @param range a suffix longer than the file is all of it */
function checkRange(
  file: string,
  key: string,
  range: RangeQuery,
  size: number,
): { offset: number; length: number } {
  const length = 'suffixLength' in range ? Math.min(range.suffixLength, size) : range.length
  const offset = 'suffixLength' in range ? size - length : range.offset
  if (!(offset >= 0 && length >= 0 && offset + length <= size)) {
    throw truncatedImage(
      file,
      `${key} has ${String(size)} bytes, and bytes ${String(offset)} to ${String(offset + length)} are needed`,
    )
  }
  if (length > LARGEST_READ) {
    throw oversizedImage(
      file,
      `${key} takes ${String(Math.ceil(length / 2 ** 20))} MiB, which must be read at once`,
    )
  }
  return { offset, length }
}

function isAbsent(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOENT' || code === 'ENOTDIR'
}
