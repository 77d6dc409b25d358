import { request } from 'node:http'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Application } from '../../../src/main/application.ts'
import type { BrowserServer } from '../../../src/main/browser-door/browser-server.ts'
import type { Turn } from '../../../src/preload/contract/session.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { startApplication, startServer } from '../procedures/connections.ts'
import { connectByWebSocket, signIn } from '../procedures/socket-connection.ts'

interface Started {
  application: Application
  server: BrowserServer
  /** `127.0.0.1:PORT` */
  host: string
  cookie: string
}

async function start(): Promise<Started> {
  const application = await startApplication()
  const server = await startServer(application)
  onTestFinished(async () => {
    await server.stop()
    application.closeProject()
  })
  const { cookie } = await signIn(server)
  return { application, server, host: new URL(server.address).host, cookie: cookie as string }
}

/** By Node's own client, which sends the Host that it is told to; fetch does not. */
function statusOf(
  { host }: Started,
  path: string,
  headers: Record<string, string>,
  method = 'GET',
): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const [hostname, port] = host.split(':')
    request({ hostname, port, path, method, headers, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
      .on('error', reject)
      .end()
  })
}

/** 101 where a WebSocket opens. */
function upgradeStatus(
  { server }: Started,
  headers: Record<string, string>,
  path = '/messages',
): Promise<number> {
  const address = new URL(path, server.address)
  address.protocol = 'ws:'
  const socket = new WebSocket(address, { headers })
  return new Promise((resolve) => {
    socket.once('open', () => {
      resolve(101)
      socket.terminate()
    })
    socket.once('unexpected-response', (asked, response) => {
      resolve(response.statusCode as number)
      asked.destroy()
    })
    socket.on('error', () => undefined)
  })
}

test('only the token opens the door; it leaves the address, and its cookie is the port’s own', async () => {
  const { server, host, cookie } = await start()
  const [, port] = host.split(':')
  const open = (address: URL | string): Promise<Response> => fetch(address, { redirect: 'manual' })

  const entered = await open(server.address)
  expect(entered.status).toBe(303)
  expect(entered.headers.get('location')).toBe('/')
  expect(entered.headers.get('set-cookie')).toMatch(
    new RegExp(`^segscope-${port}=[\\w-]{32}; HttpOnly; SameSite=Lax; Path=/$`),
  )
  const wrong = new URL(server.address)
  wrong.searchParams.set('token', 'x'.repeat(32))
  expect((await open(wrong)).status).toBe(403)
  expect((await open(`http://${host}/`)).status).toBe(403)
  expect((await open(`http://${host}/labels/1/0/0`)).status).toBe(403)
  // The page is not built in this test: 404 is what a door that is open says.
  const withCookie = (given: string): Promise<Response> =>
    fetch(`http://${host}/`, { headers: { cookie: given } })
  expect((await withCookie(cookie)).status).toBe(404)
  expect((await withCookie(`other=1; ${cookie}`)).status).toBe(404)
  expect((await withCookie(cookie.slice(0, -1))).status).toBe(403)
  expect((await withCookie(cookie.replace(/-\d+=/, '-1='))).status).toBe(403)
})

test("another site's page and another name's are refused, with the cookie too", async () => {
  const started = await start()
  const { host, cookie } = started
  const [, port] = host.split(':')
  const allowed = [
    { host },
    { host, origin: `http://${host}` },
    { host: `localhost:${port}`, origin: `http://localhost:${port}` },
    // Through a tunnel: another port at the person's own computer.
    { host: 'localhost:4444', origin: 'http://localhost:4444' },
  ]
  const refused = [
    { host, origin: 'http://attacker.example' },
    { host, origin: `http://localhost:${port}` },
    { host, origin: 'http://127.0.0.1:1' },
    { host, origin: 'null' },
    { host: `attacker.example:${port}`, origin: `http://attacker.example:${port}` },
    { host: `attacker.example:${port}` },
    { host: `127.0.0.1.attacker.example:${port}` },
    { host: '@' },
  ]
  for (const headers of allowed) {
    expect(await statusOf(started, '/', { ...headers, cookie }), JSON.stringify(headers)).toBe(404)
    expect(await upgradeStatus(started, { ...headers, cookie }), JSON.stringify(headers)).toBe(101)
  }
  for (const headers of refused) {
    expect(await statusOf(started, '/', { ...headers, cookie }), JSON.stringify(headers)).toBe(403)
    expect(await upgradeStatus(started, { ...headers, cookie }), JSON.stringify(headers)).toBe(403)
  }
  expect(await upgradeStatus(started, {})).toBe(403)
  expect(await upgradeStatus(started, { cookie }, '/other')).toBe(403)
})

test('other methods are refused, and so is a POST where nothing is taken', async () => {
  const started = await start()
  const { host, cookie } = started
  for (const method of ['PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH']) {
    expect(await statusOf(started, '/', { host, cookie }, method), method).toBe(405)
  }
  expect(await statusOf(started, '/', { host, cookie }, 'POST')).toBe(405)
  expect(await statusOf(started, '/labels/1/0/0', { host, cookie }, 'HEAD')).toBe(409)
  expect(await statusOf(started, '//[', { host, cookie })).toBe(400)
})

test('a body that is too large is not read to its end', async () => {
  const started = await start()
  const { application, host, cookie } = started
  await application.create(join(temporaryFolder(), 'Yeast'), 'Yeast')
  application.requireOpened().project.images.save({
    path: '/images/a.tif',
    fingerprint: 'sha256:a',
    width: 60_000,
    height: 60_000,
    channels: 1,
    pages: 1,
    sampleType: 'uint16',
  })
  const [hostname, port] = host.split(':')
  const mebibyte = Buffer.alloc(2 ** 20)
  let sent = 0
  const body = new Readable({
    read() {
      this.push(sent++ < 2048 ? mebibyte : null)
    },
  })
  const answer = await new Promise<number | undefined>((resolve) => {
    const asked = request(
      { hostname, port, path: '/labels/1/0/0', method: 'POST', headers: { host, cookie }, agent: false },
      (response) => resolve(response.statusCode),
    )
    // Whether the answer arrives before the connection ends is up to the network.
    asked.on('error', () => resolve(undefined))
    body.pipe(asked)
  })
  body.destroy()
  expect([413, undefined]).toContain(answer)
  expect(sent).toBeGreaterThan(256)
  expect(sent).toBeLessThan(512)
  expect(await statusOf(started, '/', { host, cookie })).toBe(404)
})

test('messages that are too large, or none, end their own connection at most', async () => {
  const started = await start()
  const { server, cookie } = started
  const address = server.address.replace('http:', 'ws:').replace(/\?.*/, 'messages')
  const ending = async (message: string | Buffer): Promise<number> => {
    const socket = new WebSocket(address, { headers: { cookie } })
    await new Promise((opened) => socket.once('open', opened))
    const code = new Promise<number>((closed) => socket.once('close', closed))
    socket.send(message)
    await wait(100)
    socket.close(1000)
    return await code
  }
  expect(await ending(Buffer.alloc(17 * 2 ** 20, 'x'))).toBe(1009)
  expect(await ending('no message')).toBe(1000)
  expect(await ending(Buffer.from([0xff, 0x00, 0x12]))).toBe(1000)
  expect(await upgradeStatus(started, { cookie })).toBe(101)
})

test('one page works at a time: the next waits, may take over, and gets its turn when the other goes', async () => {
  const { server } = await start()
  const open = async (takeOver: boolean) => {
    const { client, disconnect } = await connectByWebSocket(server)
    onTestFinished(disconnect)
    const turns: Turn[] = []
    const follow = async (take: boolean): Promise<void> => {
      for await (const turn of await client.session.turn({ takeOver: take })) turns.push(turn)
    }
    follow(takeOver).catch(() => undefined)
    return { turns, disconnect, client }
  }
  const first = await open(false)
  await expect.poll(() => first.turns).toEqual(['here'])
  const second = await open(false)
  await expect.poll(() => second.turns).toEqual(['elsewhere'])
  const third = await open(true)
  await expect.poll(() => third.turns).toEqual(['here'])
  await expect.poll(() => first.turns).toEqual(['here', 'elsewhere'])
  third.disconnect()
  await expect.poll(() => first.turns).toEqual(['here', 'elsewhere', 'here'])
  first.disconnect()
  await expect.poll(() => second.turns).toEqual(['elsewhere', 'here'])
})

test('a page learns at once that the server ends', async () => {
  const application = await startApplication()
  const server = await startServer(application)
  const { client } = await connectByWebSocket(server)
  const events = await client.projects.events()
  const ended = (async () => {
    for await (const _ of events);
  })().then(
    () => 'ended',
    () => 'ended',
  )
  await server.stop()
  expect(await ended).toBe('ended')
  await expect(fetch(server.address)).rejects.toThrow('fetch failed')
})
