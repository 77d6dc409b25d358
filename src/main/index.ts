import { resolve } from 'node:path'
import { RPCHandler } from '@orpc/server/message-port'
import { app, BrowserWindow, ipcMain, session } from 'electron'
import { connectChannel } from '../preload/contract/desktop.ts'
import { Application } from './application.ts'
import { pageAddress, registerPageScheme, servePage } from './desktop-door/page-protocol.ts'
import { router } from './procedures/router.ts'
import { cacheFolder, settingsFolder } from './services/user-folders.ts'
import { segscopeVersion } from './version.ts'

/** electron-vite's server while developing; the built page otherwise. */
const address = process.env['ELECTRON_RENDERER_URL'] ?? pageAddress

registerPageScheme()

// The window shows its one page and nothing else: no links out of it, no windows, no camera or other permissions.
app.on('web-contents-created', (_event, contents) => {
  contents.on('will-navigate', (event) => {
    event.preventDefault()
  })
  contents.on('will-attach-webview', (event) => {
    event.preventDefault()
  })
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
})

app.on('window-all-closed', () => {
  app.quit()
})

await app.whenReady()
session.defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => {
  answer(false)
})
const application = await Application.start({
  about: {
    segscope: segscopeVersion,
    electron: process.versions.electron,
    platform: `${process.platform} ${process.arch}`,
    door: 'desktop application',
  },
  settingsFolder: settingsFolder(),
  cacheFolder: cacheFolder(),
})
app.on('will-quit', () => {
  application.closeProject()
})
servePage(application, resolve(import.meta.dirname, '../renderer'))
const messages = new RPCHandler(router)
ipcMain.on(connectChannel, ({ ports: [port] }) => {
  if (port === undefined) return
  messages.upgrade(port, { context: { application } })
  port.start()
})
await openWindow()

async function openWindow(): Promise<void> {
  const window = new BrowserWindow({
    width: 1280,
    height: 800,
    minWidth: 900,
    minHeight: 600,
    show: false,
    title: 'Segscope',
    webPreferences: {
      preload: resolve(import.meta.dirname, '../preload/index.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
    },
  })
  window.once('ready-to-show', () => {
    window.show()
  })
  await window.loadURL(address)
}
