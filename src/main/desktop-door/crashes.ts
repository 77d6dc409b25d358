import { type BrowserWindow, dialog } from 'electron'

/** When the page's process ends by itself, the person hears why and may start it again. */
export function offerReload(window: BrowserWindow): void {
  window.webContents.on('render-process-gone', (_event, { reason, exitCode }) => {
    if (reason === 'clean-exit' || window.isDestroyed()) return
    void ask(window, reason === 'oom' ? 'it ran out of memory' : `${reason}, ${exitCode}`)
  })
}

async function ask(window: BrowserWindow, why: string): Promise<void> {
  const { response } = await dialog.showMessageBox(window, {
    type: 'error',
    message: 'The window stopped working.',
    detail: `The reason: ${why}. Strokes that were saved are safe.`,
    buttons: ['Show it again', 'Quit'],
    defaultId: 0,
    cancelId: 0,
  })
  if (response === 0) window.webContents.reload()
  else window.destroy()
}
