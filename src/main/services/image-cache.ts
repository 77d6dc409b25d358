import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { SegscopeError } from '../../model/errors.ts'
import { explainWriteError } from '../../model/files/atomic-write.ts'

/** Of its own, so that clearing a cache in a folder that a person chose takes nothing else. */
const folderName = 'segscope-image-cache'
/** Room is made down to this share of the limit, so that it need not be made again for each file. */
const SHARE_LEFT = 0.9
/** A use is noted once in this time. */
const NOTED_MILLISECONDS = 60_000
/** Older files under way were left by a process that was killed. */
const ABANDONED_MILLISECONDS = 24 * 3_600_000
const FILES_AT_ONCE = 32

/** What makes the cached files of a kind: the extension; to be changed with what they hold, as old ones stay. */
export type CacheKind = 'thumbnails-1' | 'result-thumbnails-1' | 'pyramids-1'

export interface CachePlace {
  folder: string
  limitBytes: number
}

interface CachedFile {
  path: string
  bytes: number
  used: number
}

/**
 * Files that can be made again, up to a limit; the least recently used go first. The files themselves are its index:
 * their times of change say when each was used last, so that several processes share a folder, and a killed one leaves nothing
 * wrong. What they take is counted in the background when the first one is added. Where nothing can be written, work goes on
 * without, and this is told once.
 */
export class ImageCache {
  readonly #place: () => CachePlace
  readonly #tell: (problem: SegscopeError) => void
  /** undefined: not counted yet. */
  #counted: { folder: string; bytes: number } | undefined
  #tidying: Promise<void> | undefined
  #isTold = false

  /**
   * @param place asked at each use, as the settings change
   * @param tell what keeps the cache from working, once
   */
  constructor(place: () => CachePlace, tell: (problem: SegscopeError) => void) {
    this.#place = place
    this.#tell = tell
  }

  /** Where the file of a key is, and notes the use; undefined where there is none. */
  async find(kind: CacheKind, key: string): Promise<string | undefined> {
    const path = this.#path(kind, key)
    try {
      const { size, mtimeMs } = await stat(path)
      // A power cut can leave an empty file under its last name.
      if (size === 0) return undefined
      if (Date.now() - mtimeMs > NOTED_MILLISECONDS) await utimes(path, new Date(), new Date())
      return path
    } catch {
      // It is not there, or its folder cannot be used: either way it is made again.
      return undefined
    }
  }

  /** A small file; undefined where there is none. */
  async read(kind: CacheKind, key: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const path = await this.find(kind, key)
    // It may have gone since.
    return path === undefined ? undefined : await readFile(path).catch(() => undefined)
  }

  /** Keeps a small file. It may go at any time. */
  async keep(kind: CacheKind, key: string, bytes: Uint8Array): Promise<void> {
    await this.make(kind, key, bytes.length, async (path) => {
      const temporary = join(dirname(path), `.${randomUUID()}.part`)
      try {
        await writeFile(temporary, bytes)
        await rename(temporary, path)
      } catch (thrown) {
        await rm(temporary, { force: true })
        throw explainWriteError(thrown, path)
      }
    })
  }

  /**
   * Has a file of this many bytes made at a path, whole or not at all.
   * @param write may throw; where that is because nothing can be written here, it is told, once
   * @returns whether the file is there now
   * @throws whatever else `write` throws
   */
  async make(
    kind: CacheKind,
    key: string,
    bytes: number,
    write: (path: string) => Promise<void>,
  ): Promise<boolean> {
    const path = this.#path(kind, key)
    const { limitBytes } = this.#place()
    if (bytes > limitBytes * SHARE_LEFT) {
      this.#tellOnce(
        new SegscopeError(
          'cache-too-small',
          `A reduced image of ${(bytes / 1e9).toFixed(1)} GB does not fit into the cache of ${(limitBytes / 1e9).toFixed(1)} GB.`,
          { remedy: 'Give the cache more room in the settings; without, large images show coarsely.' },
        ),
      )
      return false
    }
    try {
      await mkdir(dirname(path), { recursive: true }).catch((thrown: unknown) => {
        throw explainWriteError(thrown, path)
      })
      await write(path)
    } catch (thrown) {
      if (!(thrown instanceof SegscopeError && writeProblems.includes(thrown.code))) throw thrown
      this.#tellOnce(unusable(thrown))
      return false
    }
    this.#add(bytes)
    return true
  }

  /** What it takes, counted anew. */
  async use(): Promise<{ folder: string; bytes: number }> {
    const files = await listFiles(this.#folder())
    return { folder: this.#place().folder, bytes: sum(files) }
  }

  /** @throws SegscopeError where files cannot be removed */
  async clear(): Promise<void> {
    await this.#tidying
    const folder = this.#folder()
    try {
      await rm(folder, { recursive: true, force: true })
    } catch (thrown) {
      throw explainWriteError(thrown, folder)
    }
    this.#counted = undefined
    this.#isTold = false
  }

  /** Resolves when no room is being made any more. */
  async settled(): Promise<void> {
    await this.#tidying
  }

  #add(bytes: number): void {
    const folder = this.#folder()
    if (this.#counted?.folder !== folder) this.#counted = undefined
    else this.#counted.bytes += bytes
    if (this.#counted !== undefined && this.#counted.bytes <= this.#place().limitBytes) return
    this.#tidying ??= this.#tidy(folder).finally(() => {
      this.#tidying = undefined
    })
  }

  async #tidy(folder: string): Promise<void> {
    const { limitBytes } = this.#place()
    const files = await listFiles(folder)
    let bytes = sum(files)
    const most = bytes > limitBytes ? limitBytes * SHARE_LEFT : limitBytes
    for (const file of files.toSorted((one, other) => one.used - other.used)) {
      if (bytes <= most) break
      // On Windows a file that is being read stays.
      if (await isDone(rm(file.path, { force: true }))) bytes -= file.bytes
    }
    this.#counted = { folder, bytes }
  }

  #tellOnce(problem: SegscopeError): void {
    if (this.#isTold) return
    this.#isTold = true
    this.#tell(problem)
  }

  #folder(): string {
    return join(this.#place().folder, folderName)
  }

  /** A key may hold what comes from a project's database, and names no path. */
  #path(kind: CacheKind, key: string): string {
    const name = createHash('sha256').update(key).digest('hex')
    return join(this.#folder(), kind, name.slice(0, 2), name)
  }
}

const writeProblems = ['disk-full', 'file-not-writable', 'output-not-writable', 'write-failed']

function unusable(cause: SegscopeError): SegscopeError {
  return new SegscopeError(
    'cache-unusable',
    `Thumbnails and reduced images cannot be kept: ${cause.message}`,
    {
      file: cause.file,
      remedy:
        'Free some space or choose another folder for the cache in the settings. Everything works without it, more slowly.',
      cause,
    },
  )
}

function sum(files: readonly CachedFile[]): number {
  return files.reduce((total, { bytes }) => total + bytes, 0)
}

/** Also those that were left under way; those that are under way now are not listed. */
async function listFiles(folder: string): Promise<CachedFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
  const files: CachedFile[] = []
  while (paths.length > 0) {
    const statuses = paths.splice(0, FILES_AT_ONCE).map(async (path): Promise<CachedFile[]> => {
      // It may have gone since.
      const status = await stat(path).catch(() => undefined)
      if (status === undefined) return []
      const isUnderWay = /[/\\]\.[^/\\]+$/.test(path) && Date.now() - status.mtimeMs < ABANDONED_MILLISECONDS
      return isUnderWay ? [] : [{ path, bytes: status.size, used: status.mtimeMs }]
    })
    files.push(...(await Promise.all(statuses)).flat())
  }
  return files
}

async function isDone(work: Promise<void>): Promise<boolean> {
  try {
    await work
    return true
  } catch {
    return false
  }
}
