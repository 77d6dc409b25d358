import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { CancelledError, SegscopeError } from '../../model/errors.ts'
import { explainWriteError } from '../../model/files/atomic-write.ts'
import { networkReason, openResponse, withoutCredentials } from './http.ts'
import type { WheelFile } from './wheel-file.ts'

export interface DownloadOptions {
  /** Where it goes; what has come so far stays there when it breaks off. */
  folder: string
  signal: AbortSignal
  onProgress: (receivedBytes: number) => void
  /** Times that a broken connection is taken up again before giving up. */
  attempts?: number
}

/**
 * The path of a wheel on this machine: a file of a folder as it is, or the download, which goes on where the last one broke
 * off, and whose checksum is right.
 * @throws SegscopeError `server-unreachable`, `download-refused`, `download-interrupted`, `checksum-wrong`, `disk-full`,
 * `file-not-writable`; CancelledError
 */
export async function obtainWheel(wheel: WheelFile, options: DownloadOptions): Promise<string> {
  if (!/^https?:/i.test(wheel.location)) return wheel.location
  const path = join(options.folder, wheel.name)
  if ((await sizeOf(path)) !== undefined) {
    if (wheel.sha256 === undefined || (await checksumOf(path)) === wheel.sha256) return path
    await rm(path)
  }
  const part = `${path}.part`
  for (let attempt = 1; ; attempt++) {
    try {
      await receive(wheel, part, options)
      break
    } catch (thrown) {
      const temporary = thrown instanceof SegscopeError && thrown.code === 'download-interrupted'
      if (!temporary || attempt >= (options.attempts ?? 5)) throw thrown
      await wait(1000 * attempt, undefined, { signal: options.signal }).catch(() => {
        throw new CancelledError()
      })
    }
  }
  await check(wheel, part)
  await rename(part, path)
  return path
}

async function receive(wheel: WheelFile, part: string, options: DownloadOptions): Promise<void> {
  const { signal, onProgress } = options
  const url = new URL(wheel.location)
  let received = (await sizeOf(part)) ?? 0
  if (wheel.size !== undefined && received >= wheel.size) return
  const response = await openResponse(url, signal, received === 0 ? {} : { range: `bytes=${received}-` })
  // 416: nothing is missing; the checksum will tell.
  if (response.status === 416 && received > 0) {
    await response.body?.cancel()
    return
  }
  if (!response.ok) {
    await response.body?.cancel()
    throw new SegscopeError(
      'download-refused',
      `${withoutCredentials(url)} was refused: the server answers ${response.status} ${response.statusText}.`,
      { remedy: 'Check the address of the package index and your rights to it, or try again later.' },
    )
  }
  // A server that does not know ranges begins again, and so do we.
  if (response.status !== 206) received = 0
  let file: FileHandle
  try {
    file = await open(part, received === 0 ? 'w' : 'a')
  } catch (thrown) {
    throw explainWriteError(thrown, part)
  }
  const expected = wheel.size ?? totalOf(response, received)
  try {
    onProgress(received)
    for await (const chunk of bytesOf(wheel, response, signal)) {
      try {
        await file.writeFile(chunk)
      } catch (thrown) {
        throw explainWriteError(thrown, part)
      }
      received += chunk.byteLength
      onProgress(received)
    }
  } finally {
    await file.close()
  }
  if (expected !== undefined && received < expected)
    throw interrupted(wheel, 'the connection was closed early')
}

async function* bytesOf(
  wheel: WheelFile,
  { body }: Response,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    if (body !== null) yield* body
  } catch (thrown) {
    if (signal.aborted) throw new CancelledError()
    throw interrupted(wheel, networkReason(thrown))
  }
}

function interrupted(wheel: WheelFile, why: string): SegscopeError {
  return new SegscopeError('download-interrupted', `The download of ${wheel.name} broke off: ${why}.`, {
    remedy: 'Try again: it goes on where it broke off.',
  })
}

/** Bytes of the whole file, where the server says so. */
function totalOf({ headers }: Response, received: number): number | undefined {
  const length = headers.get('content-length')
  return length !== null && headers.get('content-encoding') === null ? received + Number(length) : undefined
}

async function check(wheel: WheelFile, part: string): Promise<void> {
  if (wheel.sha256 === undefined) return
  const found = await checksumOf(part)
  if (found === wheel.sha256) return
  await rm(part)
  throw new SegscopeError(
    'checksum-wrong',
    `${wheel.name} arrived damaged, or is another file than the index promises: its SHA-256 is ${found}, not ${wheel.sha256}.`,
    {
      remedy: 'It was thrown away. Try again; if that does not help, install from another package index.',
    },
  )
}

async function checksumOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw thrown
  }
}
