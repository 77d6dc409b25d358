import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, resolve } from 'node:path'

const page = resolve(import.meta.dirname, '../out/renderer')

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
}

/** Serves the built page on a free port, as Electron's page protocol does. */
export async function startPageServer(): Promise<{ address: string; stop: () => Promise<void> }> {
  if (!existsSync(page)) throw new Error('The page is not built: run "npm run build" first.')
  const server = createServer((request, response) => {
    const path = join(page, request.url === '/' ? 'index.html' : (request.url ?? ''))
    readFile(path).then(
      (content) => response.setHeader('content-type', contentTypes[extname(path)] ?? '').end(content),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const stop = async (): Promise<void> => {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  }
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, stop }
}
