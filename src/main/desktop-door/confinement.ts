import { app, session } from 'electron'
import { isPageAddress } from './page-protocol.ts'

/** Copying text, such as an error's, is all that the page may do beside showing itself. */
const allowedPermission = 'clipboard-sanitized-write'

/** Before Electron is ready: the window shows its one page and nothing else. A file that is dropped beside a target opens nothing. */
export function confineContents(): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.on('will-frame-navigate', (event) => {
      // To itself: a reload.
      if (!event.isMainFrame || !isPageAddress(event.url)) event.preventDefault()
    })
    contents.on('will-redirect', (event) => event.preventDefault())
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
  })
}

/** Once Electron is ready: no camera, location, devices, downloads. */
export function confineSession(): void {
  session.defaultSession.setPermissionRequestHandler((_contents, permission, answer) =>
    answer(permission === allowedPermission),
  )
  session.defaultSession.setPermissionCheckHandler(
    (_contents, permission) => permission === allowedPermission,
  )
  session.defaultSession.setDevicePermissionHandler(() => false)
  session.defaultSession.on('will-download', (event) => event.preventDefault())
}
