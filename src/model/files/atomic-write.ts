import { randomUUID } from 'node:crypto'
import { open, readdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { SegscopeError } from '../errors.ts'

/** What `writeFileAtomically` calls a file until it is whole. */
const partialName = /^\..+\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.part$/

/**
 * Writes a file that is either whole or not there: the bytes go to a temporary name in the same folder, are synced
 * to the disk, and the name is changed last. A file that was there before stays until then, and stays if anything fails.
 *
 * An error thrown by `chunks` ends the writing and reaches the caller as it is; the temporary file is removed.
 * @throws SegscopeError `disk-full`, `file-not-writable`, `write-failed`
 */
export async function writeFileAtomically(
  path: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const folder = dirname(path)
  const temporary = join(folder, `.${basename(path)}.${randomUUID()}.part`)
  try {
    await writeAndSync(temporary, chunks)
    await rename(temporary, path)
    await syncFolder(folder)
  } catch (thrown) {
    await rm(temporary, { force: true })
    throw explainWriteError(thrown, path)
  }
}

/**
 * Removes what writers that were killed have left in a folder. Nobody may be writing there now.
 * @throws SegscopeError as `writeFileAtomically`
 */
export async function removePartialFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!partialName.test(name)) continue
    const path = join(folder, name)
    try {
      await rm(path, { force: true })
    } catch (thrown) {
      throw explainWriteError(thrown, path)
    }
  }
}

async function writeAndSync(
  path: string,
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): Promise<void> {
  const file = await open(path, 'wx')
  try {
    for await (const chunk of chunks) {
      let written = 0
      while (written < chunk.byteLength) {
        written += (await file.write(chunk, written, chunk.byteLength - written)).bytesWritten
      }
    }
    await file.sync()
  } finally {
    await file.close()
  }
}

/** Makes the new name itself last through a power cut. */
async function syncFolder(folder: string): Promise<void> {
  // Windows cannot open a folder as a file; NTFS journals the change of name.
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } catch (thrown) {
    // Some network file systems cannot sync folders. The file is in place and its contents are on the disk.
    if (!['EINVAL', 'ENOTSUP'].includes(errorCode(thrown) ?? '')) throw thrown
  } finally {
    await handle.close()
  }
}

/**
 * The error to show for one that Node's file functions threw while writing `path`; anything else comes back as it is.
 * Codes: `disk-full`, `file-not-writable`, `write-failed`.
 */
export function explainWriteError(thrown: unknown, path: string): unknown {
  const code = errorCode(thrown)
  if (thrown instanceof SegscopeError || code === undefined) return thrown
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new SegscopeError('disk-full', `There is no space left to write ${path}.`, {
      file: path,
      remedy: 'Free some space on that disk, then try again; nothing that was there before is lost.',
      cause: thrown,
    })
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new SegscopeError('file-not-writable', `${path} cannot be written: no permission (${code}).`, {
      file: path,
      remedy: 'Choose another folder, or ask for the right to write there.',
      cause: thrown,
    })
  }
  return new SegscopeError('write-failed', `${path} could not be written: ${(thrown as Error).message}.`, {
    file: path,
    cause: thrown,
  })
}

function errorCode(thrown: unknown): string | undefined {
  const isFileError = thrown instanceof Error && 'syscall' in thrown && 'code' in thrown
  return isFileError ? String(thrown.code) : undefined
}
