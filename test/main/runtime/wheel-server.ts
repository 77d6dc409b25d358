import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { strToU8, zipSync } from 'fflate'
import { onTestFinished } from 'vitest'
import { RandomGenerator } from '../../../src/model/random.ts'

export interface MadeWheel {
  name: string
  bytes: Uint8Array
  sha256: string
}

/** A wheel as small as can be: what is wanted of TensorFlow's, and what is not. */
export function makeWheel(version: string, distribution = 'tensorflow_cpu'): MadeWheel {
  const random = new RandomGenerator(1)
  // What cannot be compressed, so that there is something to break off in.
  const library = Uint8Array.from({ length: 60_000 }, () => random.nextInteger(256))
  const bytes = zipSync({
    'tensorflow/libtensorflow_cc.so.2': library,
    'tensorflow/libtensorflow_framework.so.2': strToU8('framework'),
    'tensorflow/include/tensorflow/c/c_api.h': strToU8('// the C interface'),
    'tensorflow/include/tensorflow/core/kernels/large.h': strToU8('// nobody asked'),
    'tensorflow/python/ops.py': strToU8('# Python'),
    [`${distribution}-${version}.dist-info/LICENSE`]: strToU8('Apache'),
  })
  return {
    name: `${distribution}-${version}-cp312-cp312-manylinux_2_27_x86_64.whl`,
    bytes,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  }
}

export interface WheelServer {
  /** Of its simple index. */
  index: string
  /** Bytes of wheels that were sent. */
  sent: number
  /** Before the next answers: closes the connection after so many bytes, one entry an answer. */
  cuts: number[]
}

/** A package index on this machine, in either of the formats of an index. */
export async function startWheelServer(
  wheels: readonly MadeWheel[],
  format: 'json' | 'html' = 'json',
): Promise<WheelServer> {
  const state: WheelServer = { index: '', sent: 0, cuts: [] }
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://127.0.0.1')
    const project = /^\/simple\/([^/]+)\/$/.exec(pathname)?.[1]
    if (project !== undefined) {
      const own = wheels.filter(({ name }) => name.startsWith(`${project.replaceAll('-', '_')}-`))
      if (own.length === 0) return response.writeHead(404).end()
      if (format === 'json') {
        response.writeHead(200, { 'content-type': 'application/vnd.pypi.simple.v1+json' })
        const files = own.map(({ name, bytes, sha256 }) => ({
          filename: name,
          url: `../../files/${name}`,
          hashes: { sha256 },
          size: bytes.length,
        }))
        return response.end(JSON.stringify({ meta: { 'api-version': '1.1' }, name: project, files }))
      }
      response.writeHead(200, { 'content-type': 'text/html' })
      const anchors = own.map(
        ({ name, sha256 }) => `<a href="../../files/${name}#sha256=${sha256}">${name}</a><br/>`,
      )
      return response.end(`<!DOCTYPE html><html><body>${anchors.join('\n')}</body></html>`)
    }
    const wheel = wheels.find(({ name }) => pathname === `/files/${name}`)
    if (wheel === undefined) return response.writeHead(404).end()
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
    const rest = wheel.bytes.subarray(start)
    response.writeHead(start === 0 ? 200 : 206, {
      'content-length': rest.length,
      ...(start > 0 && {
        'content-range': `bytes ${start}-${wheel.bytes.length - 1}/${wheel.bytes.length}`,
      }),
    })
    const cut = state.cuts.shift()
    if (cut === undefined || cut >= rest.length) {
      state.sent += rest.length
      return response.end(rest)
    }
    state.sent += cut
    return response.write(rest.subarray(0, cut), () => setTimeout(() => response.destroy(), 20))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  state.index = `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`
  return state
}
