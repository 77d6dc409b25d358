import { createORPCClient } from '@orpc/client'
import { RPCLink as WebSocketLink } from '@orpc/client/websocket'
import { ResponseValidationPlugin } from '@orpc/contract/plugins'
import { WebSocket } from 'ws'
import { type Client, contract } from '../../../src/preload/contract/index.ts'

/** The application trusts its own answers: here they are held against the contract. */
export const plugins = [new ResponseValidationPlugin(contract)]

export interface Connection {
  client: Client
  /** As a page that is closed: whatever it still listens to ends. */
  disconnect: () => void
}

/** What a browser sends with every request once it has followed the address. */
export async function signIn(server: { address: string }): Promise<Record<string, string>> {
  const response = await fetch(server.address, { redirect: 'manual' })
  return { cookie: (response.headers.get('set-cookie') as string).split(';')[0] as string }
}

/** As in a browser. */
export async function connectByWebSocket(server: { address: string }): Promise<Connection> {
  const address = new URL('/messages', server.address)
  address.protocol = 'ws:'
  const websocket = new WebSocket(address, { headers: await signIn(server) })
  await new Promise((opened, failed) => websocket.once('open', opened).once('error', failed))
  const link = new WebSocketLink({ websocket: websocket as unknown as globalThis.WebSocket, plugins })
  return { client: createORPCClient(link), disconnect: () => websocket.close() }
}
