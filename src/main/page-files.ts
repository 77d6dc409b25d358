import { readFile } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'

/** Of everything that the renderer's build writes. */
const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

/** Nothing but the page's own files, pixels and messages; no inline script or style, no `eval`. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/**
 * A file of the built page, from its folder and from nowhere else.
 * @param pathname of the address, as the URL's parser leaves it; `/` is the page itself
 */
export async function answerWithPageFile(folder: string, pathname: string): Promise<Response> {
  const path = join(folder, pathname === '/' ? 'index.html' : decode(pathname))
  const contentType = contentTypes[extname(path)]
  if (!path.startsWith(folder + sep) || contentType === undefined) return new Response(null, { status: 404 })
  try {
    return new Response(await readFile(path), {
      headers: {
        'content-type': contentType,
        'content-security-policy': contentSecurityPolicy,
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        // Built files carry a hash in their names; the page itself does not.
        'cache-control': extname(path) === '.html' ? 'no-store' : 'max-age=31536000, immutable',
      },
    })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT' && code !== 'EISDIR') throw error
    return new Response(null, { status: 404 })
  }
}

function decode(pathname: string): string {
  try {
    return decodeURIComponent(pathname)
  } catch {
    // No file has such a name.
    return '.'
  }
}
