import { truncatedImage } from '../image-errors.ts'
import { RandomAccessFile } from '../random-access-file.ts'
import { readHeader, type TiffHeader, walkDirectories } from './directory.ts'
import type { Plane } from './plane.ts'

interface OpenFile {
  file: RandomAccessFile
  header: TiffHeader
  /** Of every directory, in bytes; undefined until one is asked for by its index. */
  directories: Promise<number[]> | undefined
}

/** Files of a set that are open at once, besides the first. */
const MOST_OPEN = 16

/** The files that an image is made of: the first stays open, the others are opened as they are needed. */
export class TiffFiles {
  readonly #first: OpenFile
  readonly #paths: readonly string[]
  /** From the least to the most recently used. */
  readonly #open = new Map<number, Promise<OpenFile>>()

  /** @param paths of the files of a set, `first` among them */
  constructor(first: RandomAccessFile, header: TiffHeader, paths: readonly string[] = [first.path]) {
    this.#first = { file: first, header, directories: undefined }
    this.#paths = paths
  }

  /** Of the first file. */
  get path(): string {
    return this.#first.file.path
  }

  pathOf({ file }: Plane): string {
    return this.#paths[file] as string
  }

  /** @throws SegscopeError `file-unreadable` and as `readHeader`; `image-truncated` where the file has no such directory */
  async locate(plane: Plane): Promise<{ file: RandomAccessFile; header: TiffHeader; directory: number }> {
    const open = await this.#get(plane.file)
    const { file, header } = open
    if (plane.directory !== undefined) return { file, header, directory: plane.directory }
    open.directories ??= listDirectories(open)
    const directory = (await open.directories)[plane.index]
    if (directory === undefined) {
      throw truncatedImage(file.path, `it has no page ${String(plane.index + 1)}`)
    }
    return { file, header, directory }
  }

  async close(): Promise<void> {
    const others = [...this.#open.values()]
    this.#open.clear()
    await this.#first.file.close()
    for (const other of others) await other.then(({ file }) => file.close(), noFile)
  }

  async #get(index: number): Promise<OpenFile> {
    const path = this.#paths[index] as string
    if (path === this.#first.file.path) return this.#first
    let open = this.#open.get(index)
    this.#open.delete(index)
    open ??= openFile(path)
    this.#open.set(index, open)
    const [oldest] = this.#open
    if (oldest !== undefined && this.#open.size > MOST_OPEN) {
      this.#open.delete(oldest[0])
      await oldest[1].then(({ file }) => file.close(), noFile)
    }
    return open
  }
}

async function openFile(path: string): Promise<OpenFile> {
  const file = await RandomAccessFile.open(path)
  try {
    return { file, header: await readHeader(file), directories: undefined }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function listDirectories({ file, header }: OpenFile): Promise<number[]> {
  const offsets: number[] = []
  await walkDirectories(file, header, (_, offset) => {
    offsets.push(offset)
    return Promise.resolve()
  })
  return offsets
}

/** What could not be opened was said to whoever asked for it. */
function noFile(): void {
  return undefined
}
