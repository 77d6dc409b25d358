import { open, readdir, rename, rm, type FileHandle } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { outputError } from './write-errors.ts'

/** The writer's host and process are in the name, so that what a killed process left behind can be told from work under way. */
const namePattern = /^\.segscope-(.+)-(\d+)-\d+\.partial$/
/** Objects come as small chunks: so many share a write. */
const CHUNKS_AT_ONCE = 256
const BYTES_AT_ONCE = 2 ** 20
let counter = 0

/** A name that nothing has yet, in the target's own folder; `removeAbandonedTemporaries` knows it. */
export function temporaryPath(target: string): string {
  return join(dirname(resolve(target)), `.segscope-${hostname()}-${process.pid}-${counter++}.partial`)
}

/**
 * Writes a file that is not there until it is complete.
 * @throws SegscopeError as `outputError` says; what `chunks` throws
 */
export async function writeWhole(
  target: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const file = await TemporaryFile.create(target)
  try {
    let position = 0
    let gathered: Uint8Array[] = []
    const flush = async (): Promise<void> => {
      const bytes = Buffer.concat(gathered)
      gathered = []
      await file.write(bytes, position)
      position += bytes.length
    }
    for await (const chunk of chunks) {
      gathered.push(chunk)
      if (gathered.length >= CHUNKS_AT_ONCE) await flush()
    }
    await flush()
    await file.commit()
  } finally {
    await file.discard()
  }
}

/**
 * A file that is not there until it is complete: written under a temporary name in the target's own folder (a
 * rename does not cross file systems), synced, and renamed over the target.
 */
export class TemporaryFile {
  readonly target: string
  private readonly path: string
  private readonly handle: FileHandle
  private open = true

  private constructor(target: string, path: string, handle: FileHandle) {
    this.target = target
    this.path = path
    this.handle = handle
  }

  /** @throws SegscopeError as `outputError` says */
  static async create(target: string): Promise<TemporaryFile> {
    const path = temporaryPath(target)
    try {
      return new TemporaryFile(target, path, await open(path, 'wx+'))
    } catch (error) {
      throw outputError(target, error)
    }
  }

  /** @throws SegscopeError as `outputError` says */
  async write(bytes: Uint8Array, position: number): Promise<void> {
    try {
      let written = 0
      while (written < bytes.length) {
        const result = await this.handle.write(bytes, written, bytes.length - written, position + written)
        written += result.bytesWritten
      }
    } catch (error) {
      throw outputError(this.target, error)
    }
  }

  /**
   * What was written so far, in parts.
   * @param size bytes from the beginning
   */
  async *read(size: number): AsyncGenerator<Uint8Array> {
    for (let position = 0; position < size;) {
      const part = new Uint8Array(Math.min(BYTES_AT_ONCE, size - position))
      const { bytesRead } = await this.handle.read(part, 0, part.length, position)
      if (bytesRead === 0) throw outputError(this.target, new Error('its rows were cut off'))
      position += bytesRead
      yield part.subarray(0, bytesRead)
    }
  }

  /**
   * Makes the target what was written.
   * @throws SegscopeError as `outputError` says
   */
  async commit(): Promise<void> {
    try {
      await this.handle.sync()
      await this.close()
      await rename(this.path, this.target)
    } catch (error) {
      throw outputError(this.target, error)
    }
  }

  /** Leaves the target as it was and nothing behind. Does nothing after a commit. */
  async discard(): Promise<void> {
    await this.close()
    await rm(this.path, { force: true })
  }

  private async close(): Promise<void> {
    if (!this.open) return
    this.open = false
    await this.handle.close()
  }
}

/**
 * Puts a folder that was written under a `temporaryPath` in its target's place. What stood there is removed when that is done; where
 * the process is killed between the two, as a folder cannot be replaced in one step, neither is there.
 * @throws Node's errors of files
 */
export async function putFolderInPlace(temporary: string, target: string): Promise<void> {
  const before = temporaryPath(target)
  const isReplaced = await rename(target, before).then(
    () => true,
    (error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
      throw error
    },
  )
  try {
    await rename(temporary, target)
  } catch (error) {
    if (isReplaced) await rename(before, target)
    throw error
  }
  await rm(before, { recursive: true, force: true })
}

/** Removes from a folder the temporaries of processes of this machine that run no more. */
export async function removeAbandonedTemporaries(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, host, processId] = namePattern.exec(name) ?? []
    if (host === hostname() && !isRunning(Number(processId)))
      await rm(join(folder, name), { force: true, recursive: true })
  }
}

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0)
    return true
  } catch (error) {
    // EPERM: it runs, as somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
