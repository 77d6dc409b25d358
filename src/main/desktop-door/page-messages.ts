import { RPCHandler } from '@orpc/server/message-port'
import { ipcMain } from 'electron'
import { connectChannel } from '../../preload/contract/desktop.ts'
import type { Application } from '../application.ts'
import { router } from '../procedures/router.ts'
import { isPageAddress } from './page-protocol.ts'

/** Runs the contract over each port that the page hands over; it ends with its page. */
export function serveMessages(application: Application): void {
  const messages = new RPCHandler(router)
  ipcMain.on(connectChannel, ({ senderFrame, ports: [port] }) => {
    if (port === undefined || senderFrame === null || !isPageAddress(senderFrame.url)) return
    messages.upgrade(port, { context: { application } })
    port.start()
  })
}
