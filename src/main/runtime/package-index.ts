import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { describeError, SegscopeError } from '../../model/errors.ts'
import { openResponse, withoutCredentials } from './http.ts'
import { normaliseName, parseWheelName, type WheelFile } from './wheel-file.ts'

/** Where wheels come from: the address of a simple index (PEP 503 and 691), or a folder of wheels. */
export type WheelSource = { index: string } | { folder: string }

export const publicIndex = 'https://pypi.org/simple'

const projectSchema = z.object({
  files: z.array(
    z.object({
      filename: z.string(),
      url: z.string(),
      hashes: z.record(z.string(), z.string()).default({}),
      size: z.number().optional(),
      yanked: z.union([z.boolean(), z.string()]).default(false),
    }),
  ),
})

/**
 * All wheels of a distribution.
 * @throws SegscopeError `server-unreachable`, `download-refused`, `index-unreadable`, `folder-unreadable`
 */
export async function listWheels(
  source: WheelSource,
  distribution: string,
  signal: AbortSignal,
): Promise<WheelFile[]> {
  return 'index' in source
    ? await listIndex(source.index, distribution, signal)
    : await listFolder(source.folder, distribution)
}

async function listIndex(index: string, distribution: string, signal: AbortSignal): Promise<WheelFile[]> {
  const page = new URL(`${normaliseName(distribution)}/`, index.endsWith('/') ? index : `${index}/`)
  const response = await openResponse(page, signal, {
    accept: 'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1',
  })
  if (response.status === 404) {
    await response.body?.cancel()
    return []
  }
  if (!response.ok) {
    await response.body?.cancel()
    throw new SegscopeError(
      'download-refused',
      `The package index refuses ${withoutCredentials(page)}: it answers ${response.status} ${response.statusText}.`,
      { remedy: 'Check the address of the package index and your rights to it, or try again later.' },
    )
  }
  const text = await response.text()
  const isJson = /json/i.test(response.headers.get('content-type') ?? '')
  // Addresses in the page are relative to where it was found in the end.
  const base = response.url === '' ? page : new URL(response.url)
  base.username = page.username
  base.password = page.password
  return isJson ? readJsonPage(text, base) : readHtmlPage(text, base)
}

function readJsonPage(text: string, base: URL): WheelFile[] {
  let parsed
  try {
    parsed = projectSchema.parse(JSON.parse(text))
  } catch (cause) {
    throw new SegscopeError(
      'index-unreadable',
      `What ${withoutCredentials(base)} answers is no list of packages.`,
      { cause, remedy: 'Check the address of the package index; it ends in "/simple" as a rule.' },
    )
  }
  return parsed.files.flatMap(({ filename, url, hashes, size, yanked }) =>
    yanked === false ? wheelFile(filename, new URL(url, base), hashes['sha256'], size) : [],
  )
}

/** PEP 503: one anchor a file, its checksum behind the address. */
function readHtmlPage(text: string, base: URL): WheelFile[] {
  return [...text.matchAll(/<a\s([^>]*)>([^<]*)<\/a>/gi)].flatMap(([, attributes, name]) => {
    const address = /href\s*=\s*["']([^"']*)["']/i.exec(attributes ?? '')?.[1]
    if (address === undefined || /\bdata-yanked\b/i.test(attributes ?? '')) return []
    const url = URL.parse(address.replaceAll('&amp;', '&'), base.href)
    if (url === null) return []
    const sha256 = /^#sha256=([0-9a-f]{64})$/i.exec(url.hash)?.[1]
    url.hash = ''
    return wheelFile((name ?? '').trim(), url, sha256, undefined)
  })
}

function wheelFile(
  name: string,
  url: URL,
  sha256: string | undefined,
  size: number | undefined,
): WheelFile[] {
  const parsed = parseWheelName(name)
  if (parsed === undefined) return []
  return [{ name, version: parsed.version, location: url.href, size, sha256: sha256?.toLowerCase() }]
}

async function listFolder(folder: string, distribution: string): Promise<WheelFile[]> {
  let names: string[]
  try {
    names = await readdir(folder)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    const reason =
      code === 'ENOENT' ? 'it is not there' : code === 'ENOTDIR' ? 'it is a file' : describeError(cause)
    throw new SegscopeError(
      'folder-unreadable',
      `The folder of wheels ${folder} cannot be read: ${reason}.`,
      {
        file: folder,
        cause,
        remedy: 'Give the folder that holds the downloaded .whl files.',
      },
    )
  }
  const wheels: WheelFile[] = []
  for (const name of names) {
    const parsed = parseWheelName(name)
    if (parsed?.distribution !== normaliseName(distribution)) continue
    const location = join(folder, name)
    wheels.push({
      name,
      version: parsed.version,
      location,
      size: (await stat(location)).size,
      sha256: undefined,
    })
  }
  return wheels
}
