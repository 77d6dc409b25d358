import { tmpdir } from 'node:os'
import { MessageChannel } from 'node:worker_threads'
import { createORPCClient } from '@orpc/client'
import { RPCLink as MessagePortLink } from '@orpc/client/message-port'
import { RPCHandler } from '@orpc/server/message-port'
import { Application } from '../../../src/main/application.ts'
import { BrowserServer } from '../../../src/main/browser-door/browser-server.ts'
import { router } from '../../../src/main/procedures/router.ts'
import { ServedFolders } from '../../../src/main/services/served-folders.ts'
import { temporaryFolder } from '../../temporary-folder.ts'
import { type Connection, plugins } from './socket-connection.ts'

/** @param folders those that pages may look into: by default, the one of temporary files */
export async function startApplication(
  folders: readonly string[] = [tmpdir()],
  isOpenToNetwork = false,
): Promise<Application> {
  return await Application.start({
    about: { segscope: '9.8.7', platform: 'test', door: 'browser server' },
    files: { kind: 'served folders', folders: await ServedFolders.open(folders) },
    settingsFolder: temporaryFolder(),
    cacheFolder: temporaryFolder(),
    isOpenToNetwork,
  })
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
