import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import { RPCHandler } from '@orpc/server/ws'
import { WebSocketServer } from 'ws'
import { SegscopeError } from '../../model/errors.ts'
import type { Application } from '../application.ts'
import { router } from '../procedures/router.ts'
import { Admission } from './admission.ts'
import { answerHttp } from './answer-http.ts'

export interface BrowserServerOptions {
  application: Application
  /** The built page. */
  pageFolder: string
  host: string
  /** 0: any that is free. */
  port: number
}

/** A message of the contract is text; pixels and strokes go by requests. */
const LARGEST_MESSAGE_BYTES = 16 * 2 ** 20
/** For requests under way when the server ends. */
const MILLISECONDS_TO_FINISH = 1000
/** Of WebSockets (RFC 6455, 7.4.1): the server goes away. */
const GOING_AWAY = 1001

/**
 * The browser's door: the page, its messages over a WebSocket, its pixels over HTTP. `Admission` says who gets in.
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
  static async start({ application, pageFolder, host, port }: BrowserServerOptions): Promise<BrowserServer> {
    const server = createServer()
    await listen(server, host, port)
    const { port: listeningOn } = server.address() as AddressInfo
    const token = randomBytes(24).toString('base64url')
    const admission = new Admission(token, host, listeningOn)

    server.on('request', (request, response) => {
      answerHttp({ application, pageFolder, admission }, request, response).catch((error: unknown) => {
        // A reader that went away is no failure; anything else is a defect that must be seen.
        if (!response.destroyed && !response.headersSent) response.writeHead(500).end(String(error))
        response.destroy()
      })
    })
    const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE_BYTES })
    const messages = new RPCHandler(router)
    server.on('upgrade', (request, socket, head) => {
      // Whoever goes away before the answer must not end the server.
      socket.on('error', () => socket.destroy())
      if (!admission.isFromHere(request) || !admission.hasCookie(request) || request.url !== '/messages') {
        socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n')
        return
      }
      sockets.handleUpgrade(request, socket, head, (opened) => {
        // Such as a message that is too large, after which the socket is closed.
        opened.on('error', () => opened.terminate())
        void messages.upgrade(opened, { context: { application } })
      })
    })
    return new BrowserServer(server, sockets, `http://${nameOf(host)}:${listeningOn}/?token=${token}`)
  }

  /** Pages learn that the server goes; what they have just sent is still done. */
  async stop(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#sockets.clients) socket.close(GOING_AWAY)
    const timer = setTimeout(() => {
      for (const socket of this.#sockets.clients) socket.terminate()
      this.#server.closeAllConnections()
    }, MILLISECONDS_TO_FINISH)
    await closed
    clearTimeout(timer)
  }
}

/** In an address: a server for the whole network is reached by the computer's name. */
function nameOf(host: string): string {
  if (host === '0.0.0.0' || host === '::') return hostname()
  return host.includes(':') ? `[${host}]` : host
}

function listen(server: Server, host: string, port: number): Promise<void> {
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
