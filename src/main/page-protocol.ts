import { readFile } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { protocol } from 'electron'

const scheme = 'segscope'

/** Where the built page lives: an origin of its own, which `file://` is not. */
export const pageAddress = `${scheme}://app/index.html`

/** Of everything that the renderer's build writes. */
const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** Must be called before Electron is ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme, privileges: { standard: true, secure: true } }])
}

/** Answers the page's requests from the files of a folder, and from nowhere else. */
export function servePage(folder: string): void {
  protocol.handle(scheme, async (request) => {
    // The URL's parser has resolved `..` already; the check below is for what it decodes to.
    const path = join(folder, decodeURIComponent(new URL(request.url).pathname))
    const contentType = contentTypes[extname(path)]
    if (!path.startsWith(folder + sep) || contentType === undefined)
      return new Response(null, { status: 404 })
    try {
      return new Response(await readFile(path), { headers: { 'content-type': contentType } })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      return new Response(null, { status: 404 })
    }
  })
}
