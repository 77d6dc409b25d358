import { open, readdir, rename, rm, type FileHandle } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join } from 'node:path'
import { outputError } from './write-errors.ts'

/** The writer's host and process are in the name, so that what a killed process left behind can be told from work under way. */
const namePattern = /^\.segscope-(.+)-(\d+)-\d+\.partial$/
const BYTES_AT_ONCE = 2 ** 20
let counter = 0

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
    const path = join(dirname(target), `.segscope-${hostname()}-${process.pid}-${counter++}.partial`)
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

/** Removes from a folder the temporaries of processes of this machine that run no more. */
export async function removeAbandonedTemporaries(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const [, host, processId] = namePattern.exec(name) ?? []
    if (host === hostname() && !isRunning(Number(processId))) await rm(join(folder, name), { force: true })
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
