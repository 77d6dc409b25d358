import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Entry, openPromise, type ZipFile } from 'yauzl'
import { describeError, SegscopeError } from '../../model/errors.ts'
import { explainWriteError } from '../../model/files/atomic-write.ts'

/** The files of a wheel that are wanted, with their sizes unpacked. */
export interface WheelContents {
  names: readonly string[]
  bytes: number
}

/**
 * What would be unpacked.
 * @throws SegscopeError `wheel-unreadable`
 */
export async function examineWheel(path: string, wanted: (name: string) => boolean): Promise<WheelContents> {
  const names: string[] = []
  let bytes = 0
  await forEachEntry(path, async (entry) => {
    if (!wanted(entry.fileName)) return
    names.push(entry.fileName)
    bytes += entry.uncompressedSize
  })
  return { names, bytes }
}

/**
 * Unpacks the wanted files of a wheel, one after the other, into a folder.
 * @throws SegscopeError `wheel-unreadable`, `disk-full`, `file-not-writable`
 */
export async function unpackWheel(
  path: string,
  folder: string,
  wanted: (name: string) => boolean,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (bytes: number) => void },
): Promise<void> {
  let done = 0
  await forEachEntry(path, async (entry, archive) => {
    if (!wanted(entry.fileName)) return
    signal.throwIfAborted()
    // yauzl refuses names that lead out of the folder.
    const target = join(folder, entry.fileName)
    const source = await archive.openReadStreamPromise(entry)
    const count = async function* (chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const chunk of chunks) {
        done += chunk.byteLength
        onProgress(done)
        yield chunk
      }
    }
    try {
      await mkdir(dirname(target), { recursive: true })
      await pipeline(source, count, createWriteStream(target), { signal })
    } catch (thrown) {
      throw explainWriteError(thrown, target)
    }
  })
}

async function forEachEntry(
  path: string,
  visit: (entry: Entry, archive: ZipFile) => Promise<void>,
): Promise<void> {
  let archive: ZipFile
  try {
    archive = await openPromise(path, { autoClose: false, lazyEntries: true })
  } catch (cause) {
    throw unreadable(path, cause)
  }
  try {
    for await (const entry of archive.eachEntry()) {
      if (!entry.fileName.endsWith('/')) await visit(entry, archive)
    }
  } catch (thrown) {
    const ours = thrown instanceof SegscopeError || (thrown as Error).name === 'AbortError'
    throw ours ? thrown : unreadable(path, thrown)
  } finally {
    archive.close()
  }
}

function unreadable(path: string, cause: unknown): SegscopeError {
  return new SegscopeError('wheel-unreadable', `${path} cannot be unpacked: ${describeError(cause)}`, {
    file: path,
    cause,
    remedy: 'Delete that file and run the same again.',
  })
}
