import { tmpdir } from 'node:os'
import { MessageChannel } from 'node:worker_threads'
import { createORPCClient } from '@orpc/client'
import { RPCLink as MessagePortLink } from '@orpc/client/message-port'
import { RPCLink as WebSocketLink } from '@orpc/client/websocket'
import { ResponseValidationPlugin } from '@orpc/contract/plugins'
import { RPCHandler } from '@orpc/server/message-port'
import { WebSocket } from 'ws'
import { Application } from '../../../src/main/application.ts'
import { BrowserServer } from '../../../src/main/browser-door/browser-server.ts'
import { router } from '../../../src/main/procedures/router.ts'
import { ServedFolders } from '../../../src/main/services/served-folders.ts'
import { type Client, contract } from '../../../src/preload/contract/index.ts'
import { temporaryFolder } from '../../temporary-folder.ts'

/** @param folders those that pages may look into: by default, the one of temporary files */
export async function startApplication(folders: readonly string[] = [tmpdir()]): Promise<Application> {
  return await Application.start({
    about: { segscope: '9.8.7', platform: 'test', door: 'browser server' },
    files: { kind: 'served folders', folders: await ServedFolders.open(folders) },
    settingsFolder: temporaryFolder(),
    cacheFolder: temporaryFolder(),
  })
}

/** The application trusts its own answers: here they are held against the contract. */
const plugins = [new ResponseValidationPlugin<Record<never, never>>(contract)]

export interface Connection {
  client: Client
  /** As a page that is closed: whatever it still listens to ends. */
  disconnect: () => void
}

/** As at the desktop. */
export function connectByPort(application: Application): Connection {
  const { port1, port2 } = new MessageChannel()
  new RPCHandler(router).upgrade(port1, { context: { application } })
  const link = new MessagePortLink({ port: port2, plugins })
  port1.start()
  port2.start()
  return { client: createORPCClient(link), disconnect: () => port2.close() }
}

export async function startServer(application: Application): Promise<BrowserServer> {
  return await BrowserServer.start({ application, pageFolder: temporaryFolder(), host: '127.0.0.1', port: 0 })
}

/** What a browser sends with every request once it has followed the address. */
export async function signIn(server: Pick<BrowserServer, 'address'>): Promise<Record<string, string>> {
  const response = await fetch(server.address, { redirect: 'manual' })
  return { cookie: (response.headers.get('set-cookie') as string).split(';')[0] as string }
}

/** As in a browser. */
export async function connectByWebSocket(server: Pick<BrowserServer, 'address'>): Promise<Connection> {
  const address = new URL('/messages', server.address)
  address.protocol = 'ws:'
  const websocket = new WebSocket(address, { headers: await signIn(server) })
  await new Promise((opened, failed) => websocket.once('open', opened).once('error', failed))
  const link = new WebSocketLink({ websocket: websocket as unknown as globalThis.WebSocket, plugins })
  return { client: createORPCClient(link), disconnect: () => websocket.close() }
}
