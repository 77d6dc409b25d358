import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Application } from '../application.ts'
import { answerWithPageFile } from '../page-files.ts'
import { answerRequest } from '../pixels/answer-request.ts'
import type { Admission } from './admission.ts'

export interface Answering {
  application: Application
  /** The built page. */
  pageFolder: string
  admission: Admission
}

/** Answers a request by HTTP: the token's, the page's files, pixels and labels. */
export async function answerHttp(
  { application, pageFolder, admission }: Answering,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = 'GET' } = request
  // No other site's page may show or read an answer, nor guess at one.
  response.setHeader('cross-origin-resource-policy', 'same-origin')
  if (!admission.isFromHere(request)) {
    refuse(response, 403, 'Not from here.')
    return
  }
  if (!['GET', 'HEAD', 'POST'].includes(method)) {
    response.setHeader('allow', 'GET, HEAD, POST')
    refuse(response, 405, 'Not done here.')
    return
  }
  const url = URL.parse(request.url ?? '/', 'http://segscope')
  if (url === null) {
    refuse(response, 400, 'No address.')
    return
  }
  const token = url.searchParams.get('token')
  if (url.pathname === '/' && token !== null && admission.isToken(token)) {
    // The token leaves the address, so that it stands in no history and no screenshot.
    response.writeHead(303, {
      location: '/',
      'set-cookie': admission.setCookie,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
    })
    response.end()
    return
  }
  if (!admission.hasCookie(request)) {
    refuse(response, 403, 'This page opens with the address that Segscope printed, token included.')
    return
  }
  const answer = await answerRequest(application, toWebRequest(url, request, response))
  if (answer === undefined && method === 'POST') refuse(response, 405, 'Not done here.')
  else await send(answer ?? (await answerWithPageFile(pageFolder, url.pathname)), request, response)
}

/** Nothing more is read of the request. */
function refuse(response: ServerResponse, status: number, why: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    connection: 'close',
  })
  response.end(why)
}

/** Aborts when the page no longer waits. */
function toWebRequest(url: URL, request: IncomingMessage, response: ServerResponse): Request {
  const left = new AbortController()
  response.once('close', () => left.abort())
  return new Request(url, {
    method: request.method ?? 'GET',
    signal: left.signal,
    ...(request.method === 'POST' && { body: Readable.toWeb(request), duplex: 'half' }),
  })
}

async function send(answer: Response, request: IncomingMessage, response: ServerResponse): Promise<void> {
  // What was not read of a refused body is not read to its end.
  if (!request.complete) response.setHeader('connection', 'close')
  response.writeHead(answer.status, Object.fromEntries(answer.headers))
  if (answer.body === null || request.method === 'HEAD') response.end()
  else await pipeline(Readable.fromWeb(answer.body), response)
}
