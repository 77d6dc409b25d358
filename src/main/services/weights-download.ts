import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { CancelledError, SegscopeError } from '../../model/errors.ts'
import { explainWriteError, writeFileAtomically } from '../../model/files/atomic-write.ts'

export interface DownloadProgress {
  receivedBytes: number
  /** Undefined where the server does not say. */
  totalBytes: number | undefined
}

export interface ObtainWeightsOptions {
  /** Downloads stay here; made where it is missing. */
  cacheFolder: string
  onProgress?: (progress: DownloadProgress) => void
  signal?: AbortSignal
}

/** An address, and the checksum that may stand behind it. */
interface RemoteFile {
  url: URL
  /** 64 hexadecimal digits, in lower case. */
  sha256: string | undefined
}

/**
 * The path of a weights file that a user named: a file, or an http(s) address, which is downloaded once. The address may carry
 * the checksum of what it must deliver: `https://example.org/weights.h5#sha256=<64 hexadecimal digits>`. With it, a file in the cache
 * is checked again before it is used; without it, any whole download is believed.
 * @throws SegscopeError `file-not-found`, `address-malformed`, `server-unreachable`, `download-refused` (404, ...), `download-interrupted`,
 * `checksum-wrong`, `disk-full`, `file-not-writable`; CancelledError
 */
export async function obtainWeights(source: string, options: ObtainWeightsOptions): Promise<string> {
  if (!/^https?:\/\//i.test(source)) return await localFile(source)
  const remote = parseAddress(source)
  const path = join(options.cacheFolder, cacheName(remote))
  if (await isUsable(path, remote.sha256)) return path
  await makeFolder(options.cacheFolder)
  await writeFileAtomically(path, download(remote, options))
  return path
}

async function localFile(path: string): Promise<string> {
  try {
    if ((await stat(path)).isFile()) return path
  } catch (thrown) {
    throw new SegscopeError('file-not-found', `There is no weights file ${path}.`, {
      file: path,
      cause: thrown,
    })
  }
  throw new SegscopeError('file-not-found', `${path} is not a file.`, { file: path })
}

function parseAddress(source: string): RemoteFile {
  const url = URL.parse(source)
  if (url === null) throw new SegscopeError('address-malformed', `${source} is not an address.`)
  const fragment = url.hash
  url.hash = ''
  if (fragment === '') return { url, sha256: undefined }
  const sha256 = /^#sha256=([0-9a-f]{64})$/i.exec(fragment)?.[1]
  if (sha256 === undefined) {
    throw new SegscopeError(
      'address-malformed',
      `"${fragment}" at the end of ${url.href} is not a checksum.`,
      { remedy: 'Write it as #sha256= and 64 hexadecimal digits, or leave it out.' },
    )
  }
  return { url, sha256: sha256.toLowerCase() }
}

/** The file's own name for people, behind what keeps two files of the same name apart. */
function cacheName({ url, sha256 }: RemoteFile): string {
  const key = sha256 ?? createHash('sha256').update(url.href).digest('hex')
  const name = basename(url.pathname).replaceAll(/[^\w.-]/g, '_')
  return `${key.slice(0, 16)}-${name || 'weights'}`
}

/** Whether the cache has the file, and it still is what it was. */
async function isUsable(path: string, sha256: string | undefined): Promise<boolean> {
  const found = await stat(path).catch((thrown: unknown) => {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw thrown
  })
  if (found === undefined) return false
  if (sha256 === undefined) return true
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex') === sha256
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (thrown) {
    throw explainWriteError(thrown, folder)
  }
}

/** The bytes of the file, as they come; throws behind the last where they are not what the checksum promised. */
async function* download(
  { url, sha256 }: RemoteFile,
  { signal, onProgress }: ObtainWeightsOptions,
): AsyncGenerator<Uint8Array> {
  const response = await request(url, signal)
  const totalBytes = statedLength(response)
  const hash = createHash('sha256')
  let receivedBytes = 0
  for await (const chunk of receive(url, response, signal)) {
    hash.update(chunk)
    receivedBytes += chunk.byteLength
    onProgress?.({ receivedBytes, totalBytes })
    yield chunk
  }
  const found = hash.digest('hex')
  if (sha256 !== undefined && found !== sha256) {
    throw new SegscopeError(
      'checksum-wrong',
      `${url.href} delivered another file than expected: its SHA-256 is ${found}, not ${sha256}.`,
      { remedy: 'Check the address and the checksum; the file was not kept.' },
    )
  }
}

async function request(url: URL, signal: AbortSignal | undefined): Promise<Response> {
  const response = await fetch(url, { signal: signal ?? null }).catch((thrown: unknown) => {
    if (signal?.aborted === true) throw new CancelledError()
    throw new SegscopeError(
      'server-unreachable',
      `${url.host} cannot be reached: ${networkReason(thrown)}.`,
      {
        remedy: 'Check the network, or download the file in a browser and give its path.',
        cause: thrown,
      },
    )
  })
  if (response.ok) return response
  await response.body?.cancel()
  throw new SegscopeError(
    'download-refused',
    `${url.href} was refused: the server answers ${response.status} ${response.statusText}.`,
    { remedy: response.status === 404 ? 'Check the address.' : 'Try again later.' },
  )
}

/** Bytes to come, where the server says so; the length of a compressed transfer is not that of the file. */
function statedLength({ headers }: Response): number | undefined {
  const length = headers.get('content-length')
  return length !== null && headers.get('content-encoding') === null ? Number(length) : undefined
}

/** The body's bytes; what goes wrong on the way here, and only that, is an interrupted download. */
async function* receive(
  url: URL,
  { body }: Response,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    if (body !== null) yield* body
  } catch (thrown) {
    if (signal?.aborted === true) throw new CancelledError()
    throw new SegscopeError(
      'download-interrupted',
      `The download of ${url.href} broke off: ${networkReason(thrown)}.`,
      { remedy: 'Try again.', cause: thrown },
    )
  }
}

/** fetch says only "fetch failed" or "terminated"; why is in the cause. */
function networkReason(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  const { cause } = thrown
  if (!(cause instanceof Error)) return thrown.message
  return cause.message || ('code' in cause ? String(cause.code) : thrown.message)
}
