import { readSync } from 'node:fs'
import { open, stat, type FileHandle } from 'node:fs/promises'
import { SegscopeError } from '../../model/errors.ts'
import { truncatedImage } from './image-errors.ts'

/**
 * Bytes that are read at once, without a turn to Node's file threads and back: a stack's thousands of directories would take
 * seconds with them.
 */
const AT_ONCE = 4096

/** A file opened for reading at any place; every read is checked against the file's size before memory is taken. */
export class RandomAccessFile {
  readonly path: string
  /** Bytes. */
  readonly size: number
  readonly #handle: FileHandle

  private constructor(path: string, size: number, handle: FileHandle) {
    this.path = path
    this.size = size
    this.#handle = handle
  }

  /** @throws SegscopeError `file-unreadable` where there is no regular file, or no permission to read it */
  static async open(path: string): Promise<RandomAccessFile> {
    try {
      const status = await stat(path)
      // Opening a pipe or a device can wait for ever.
      if (!status.isFile()) {
        throw new SegscopeError('file-unreadable', `${path} is not a file.`, { file: path })
      }
      return new RandomAccessFile(path, status.size, await open(path, 'r'))
    } catch (error) {
      if (error instanceof SegscopeError) throw error
      const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'it does not exist' : String(error)
      throw new SegscopeError('file-unreadable', `${path} cannot be opened: ${reason}.`, {
        file: path,
        cause: error,
      })
    }
  }

  /**
   * Reads exactly `length` bytes.
   * @param what what is being read, for the message
   * @throws SegscopeError `image-truncated` where the file ends before
   */
  async read(offset: number, length: number, what: string): Promise<Uint8Array<ArrayBuffer>> {
    if (!(Number.isSafeInteger(offset) && offset >= 0 && length >= 0 && offset + length <= this.size)) {
      throw truncatedImage(
        this.path,
        `${what} should lie at bytes ${String(offset)} to ${String(offset + length)}, the file has ${String(this.size)}`,
      )
    }
    const bytes = new Uint8Array(length)
    let filled = 0
    while (filled < length) {
      const rest = [bytes, filled, length - filled, offset + filled] as const
      const bytesRead =
        length <= AT_ONCE ? readSync(this.#handle.fd, ...rest) : (await this.#handle.read(...rest)).bytesRead
      if (bytesRead === 0) throw truncatedImage(this.path, `it became shorter while ${what} was read`)
      filled += bytesRead
    }
    return bytes
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }
}
