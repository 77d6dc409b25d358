import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { RPCHandler } from '@orpc/server/ws'
import { WebSocketServer } from 'ws'
import { SegscopeError } from '../../model/errors.ts'
import type { Application } from '../application.ts'
import { answerWithPageFile } from '../page-files.ts'
import { answerRequest } from '../pixels/answer-request.ts'
import { router } from '../procedures/router.ts'

export interface BrowserServerOptions {
  application: Application
  /** The built page. */
  pageFolder: string
  host: string
  /** 0: any that is free. */
  port: number
}

const cookieName = 'segscope'
/** A message of the contract is text; pixels and strokes go by requests. */
const LARGEST_MESSAGE_BYTES = 16 * 2 ** 20

/**
 * The browser's door: the page, its messages over a WebSocket, its pixels over HTTP. Whoever has the address with the
 * token gets in; requests from other sites' pages (Origin) and by other names (Host, against DNS rebinding) do not.
 */
export class BrowserServer {
  /** With the token: to be opened in a browser. */
  readonly address: string
  readonly #server: Server
  readonly #sockets: WebSocketServer

  private constructor(server: Server, sockets: WebSocketServer, address: string) {
    this.#server = server
    this.#sockets = sockets
    this.address = address
  }

  /** @throws SegscopeError `port-taken`, `host-unusable` */
  static async start(options: BrowserServerOptions): Promise<BrowserServer> {
    const token = randomBytes(24).toString('base64url')
    const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE_BYTES })
    const messages = new RPCHandler(router)
    const server = createServer((request, response) => {
      answer(options, token, request, response).catch((error: unknown) => {
        // A reader that went away is no failure; anything else is a defect that must be seen.
        if (!response.destroyed && !response.headersSent) response.writeHead(500).end(String(error))
        response.destroy()
      })
    })
    server.on('upgrade', (request, socket, head) => {
      if (!isAllowed(options.host, request) || !hasCookie(request, token) || request.url !== '/messages') {
        socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n')
        return
      }
      sockets.handleUpgrade(request, socket, head, (opened) => {
        void messages.upgrade(opened, { context: { application: options.application } })
      })
    })
    await listen(server, options)
    const { port } = server.address() as AddressInfo
    const host = options.host.includes(':') ? `[${options.host}]` : options.host
    return new BrowserServer(server, sockets, `http://${host}:${port}/?token=${token}`)
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate()
    this.#server.closeAllConnections()
    await new Promise((closed) => this.#server.close(closed))
  }
}

function listen(server: Server, { host, port }: BrowserServerOptions): Promise<void> {
  return new Promise((listening, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        error.code === 'EADDRINUSE'
          ? new SegscopeError('port-taken', `Port ${port} is in use.`, {
              remedy: 'Choose another with --port, or leave it out to take any that is free.',
              cause: error,
            })
          : new SegscopeError(
              'host-unusable',
              `Segscope cannot listen on ${host}, port ${port}: ${error.message}.`,
              {
                remedy: 'Give an address of this computer with --host, such as 127.0.0.1.',
                cause: error,
              },
            ),
      )
    })
    server.listen(port, host, () => listening())
  })
}

async function answer(
  { application, pageFolder, host }: BrowserServerOptions,
  token: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isAllowed(host, request)) {
    response.writeHead(403).end('Not from here.')
    return
  }
  const url = new URL(request.url ?? '/', 'http://segscope')
  const given = url.searchParams.get('token')
  if (url.pathname === '/' && given !== null && equal(given, token)) {
    // The token leaves the address, so that it stands in no history and no screenshot.
    response.writeHead(303, {
      location: '/',
      'set-cookie': `${cookieName}=${token}; HttpOnly; SameSite=Strict; Path=/`,
      'cache-control': 'no-store',
    })
    response.end()
    return
  }
  if (!hasCookie(request, token)) {
    response.writeHead(403, { 'content-type': 'text/plain; charset=utf-8' })
    response.end('This page opens with the address that "segscope serve" printed, token included.')
    return
  }
  const asked = toRequest(url, request, response)
  await send(
    (await answerRequest(application, asked)) ?? (await answerWithPageFile(pageFolder, url.pathname)),
    response,
  )
}

/** Aborts when the page no longer waits. */
function toRequest(url: URL, request: IncomingMessage, response: ServerResponse): Request {
  const left = new AbortController()
  response.once('close', () => left.abort())
  return new Request(url, {
    method: request.method ?? 'GET',
    signal: left.signal,
    ...(request.method === 'POST' && { body: Readable.toWeb(request) as ReadableStream, duplex: 'half' }),
  })
}

async function send(answered: Response, response: ServerResponse): Promise<void> {
  response.writeHead(answered.status, Object.fromEntries(answered.headers))
  if (answered.body === null) response.end()
  else await pipeline(Readable.fromWeb(answered.body as ReadableStream), response)
}

/**
 * Whether a request names this server as its host, and comes from no other site. A server for the whole network
 * (`0.0.0.0`) has many names: there the token alone decides.
 */
function isAllowed(listening: string, { headers: { host, origin } }: IncomingMessage): boolean {
  if (host === undefined) return false
  const name = URL.parse(`http://${host}`)?.hostname
  const isAnyHost = listening === '0.0.0.0' || listening === '::'
  const names = ['localhost', '127.0.0.1', '[::1]', listening]
  if (!isAnyHost && (name === undefined || !names.includes(name))) return false
  return origin === undefined || origin === `http://${host}` || origin === `https://${host}`
}

function hasCookie({ headers: { cookie = '' } }: IncomingMessage, token: string): boolean {
  return cookie.split(/;\s*/).some((each) => {
    const [name, value = ''] = each.split('=')
    return name === cookieName && equal(value, token)
  })
}

/** Takes the same time whatever differs. */
function equal(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one), Buffer.from(other)]
  return first.length === second.length && timingSafeEqual(first, second)
}
