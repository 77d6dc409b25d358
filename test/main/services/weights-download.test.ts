import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { obtainWeights, type DownloadProgress } from '../../../src/main/services/weights-download.ts'

const content = Buffer.alloc(300_000, 'weights ')
const sha256 = createHash('sha256').update(content).digest('hex')

let folder: string
let cacheFolder: string
let server: Server
let address: string
let requests: number
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'segscope-download-'))
  cacheFolder = join(folder, 'cache', 'weights')
  requests = 0
  server = createServer((request, response) => {
    requests++
    const { pathname } = new URL(request.url ?? '', 'http://127.0.0.1')
    if (pathname === '/absent.h5') return response.writeHead(404).end()
    if (pathname === '/moved.h5') return response.writeHead(302, { location: '/good.h5' }).end()
    response.writeHead(200, { 'content-length': content.length })
    if (pathname === '/good.h5') return response.end(content)
    // Breaks off, or goes on for ever, after the first half.
    return response.write(content.subarray(0, 150_000), () => {
      if (pathname === '/breaks-off.h5') response.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await rm(folder, { recursive: true })
})

it('downloads once, tells how far it is, and takes the file from the cache afterwards, also without the server', async () => {
  const progress: DownloadProgress[] = []
  const source = `${address}/good.h5#sha256=${sha256.toUpperCase()}`
  const path = await obtainWeights(source, { cacheFolder, onProgress: (now) => progress.push(now) })
  expect((await readFile(path)).equals(content)).toBe(true)
  expect(path).toMatch(/good\.h5$/)
  expect(progress.at(-1)).toEqual({ receivedBytes: content.length, totalBytes: content.length })
  expect(await obtainWeights(source, { cacheFolder })).toBe(path)
  expect(requests).toBe(1)
  expect(await readdir(cacheFolder)).toHaveLength(1)
})

it('a file in the cache that is no longer what it was is downloaded again', async () => {
  const source = `${address}/moved.h5#sha256=${sha256}`
  const path = await obtainWeights(source, { cacheFolder })
  await writeFile(path, 'damaged')
  expect(await obtainWeights(source, { cacheFolder })).toBe(path)
  expect((await readFile(path)).equals(content)).toBe(true)
})

it('two addresses without checksums do not share a place in the cache', async () => {
  const first = await obtainWeights(`${address}/good.h5?version=1`, { cacheFolder })
  const second = await obtainWeights(`${address}/good.h5?version=2`, { cacheFolder })
  expect(second).not.toBe(first)
  expect(await obtainWeights(`${address}/good.h5?version=1`, { cacheFolder })).toBe(first)
  expect(requests).toBe(2)
})

it('the wrong checksum: said with both, and nothing is kept', async () => {
  const wrong = '0'.repeat(64)
  await expect(obtainWeights(`${address}/good.h5#sha256=${wrong}`, { cacheFolder })).rejects.toMatchObject({
    code: 'checksum-wrong',
    message: expect.stringContaining(`is ${sha256}, not ${wrong}`) as string,
  })
  expect(await readdir(cacheFolder)).toEqual([])
})

it('a server that says 404, breaks off, or is not there: each said as what it is, and nothing is kept', async () => {
  await expect(obtainWeights(`${address}/absent.h5`, { cacheFolder })).rejects.toMatchObject({
    code: 'download-refused',
    message: expect.stringContaining('404') as string,
    remedy: 'Check the address.',
  })
  await expect(obtainWeights(`${address}/breaks-off.h5`, { cacheFolder })).rejects.toMatchObject({
    code: 'download-interrupted',
  })
  await new Promise((resolve) => server.close(resolve))
  await expect(obtainWeights(`${address}/good.h5`, { cacheFolder })).rejects.toMatchObject({
    code: 'server-unreachable',
    message: expect.stringContaining(new URL(address).host) as string,
  })
  expect(await readdir(cacheFolder)).toEqual([])
})

it('stops when it is told to, in the middle of the file', async () => {
  const stop = new AbortController()
  const download = obtainWeights(`${address}/endless.h5`, {
    cacheFolder,
    signal: stop.signal,
    onProgress: () => {
      stop.abort()
    },
  })
  await expect(download).rejects.toMatchObject({ code: 'cancelled' })
  expect(await readdir(cacheFolder)).toEqual([])
})

it('a file is taken where it lies; one that is not there, and a checksum that is none, are refused', async () => {
  const path = join(folder, 'own#1.h5')
  await writeFile(path, content)
  expect(await obtainWeights(path, { cacheFolder })).toBe(path)
  await expect(obtainWeights(join(folder, 'absent.h5'), { cacheFolder })).rejects.toMatchObject({
    code: 'file-not-found',
  })
  await expect(obtainWeights(`${address}/good.h5#sha256=12`, { cacheFolder })).rejects.toMatchObject({
    code: 'address-malformed',
  })
  expect(requests).toBe(0)
})
