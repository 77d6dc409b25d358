import { createORPCClient } from '@orpc/client'
import { RPCLink as MessagePortLink } from '@orpc/client/message-port'
import { RPCLink as WebSocketLink } from '@orpc/client/websocket'
import type { Client } from '../../preload/contract/index.ts'
import { connectMessage } from '../../preload/contract/desktop.ts'

/** Asks the main process, by the contract: over a port at the desktop, over a WebSocket in a browser. */
export const client: Client = createORPCClient(window.segscope === undefined ? webSocketLink() : portLink())

function portLink() {
  const { port1, port2 } = new MessageChannel()
  window.postMessage(connectMessage, window.location.origin, [port2])
  port1.start()
  return new MessagePortLink({ port: port1 })
}

function webSocketLink() {
  const address = new URL('/messages', window.location.href)
  address.protocol = address.protocol.replace('http', 'ws')
  return new WebSocketLink({ websocket: new WebSocket(address) })
}
