import { type BrowserWindow, dialog } from 'electron'
import type { Application } from '../application.ts'

/** A page that is busy for longer than this is taken for one that hangs. */
const MILLISECONDS_TO_ANSWER = 3000

/**
 * Lets the window close only once its page has saved what it can, and the person agrees to lose or stop the rest.
 * @param keep done before the window goes
 */
export function askBeforeClosing(
  window: BrowserWindow,
  application: Application,
  keep: () => Promise<void>,
): void {
  let isAsking = false
  async function closeIfAllowed(): Promise<void> {
    if (isAsking) return
    isAsking = true
    try {
      if (!(await mayClose(window, application))) return
      await keep()
    } finally {
      isAsking = false
    }
    // Unlike `close`, asks nobody again.
    window.destroy()
  }
  window.on('close', (event) => {
    event.preventDefault()
    closeIfAllowed().catch((thrown: unknown) => {
      dialog.showErrorBox('Segscope could not keep where its window was', String(thrown))
      window.destroy()
    })
  })
}

async function mayClose(window: BrowserWindow, application: Application): Promise<boolean> {
  if (window.webContents.isCrashed()) return true
  const unfinished = await application.commands.askUnfinished(MILLISECONDS_TO_ANSWER)
  if (unfinished?.length === 0) return true
  const { response } = await dialog.showMessageBox(window, {
    type: 'warning',
    message:
      unfinished === undefined
        ? 'The window does not answer. Quit all the same?'
        : 'Quit while work is under way?',
    detail:
      unfinished === undefined
        ? 'Strokes that were saved are safe. The last ones may not be.'
        : `Not finished: ${unfinished.join('; ')}.`,
    buttons: ['Quit', 'Stay'],
    defaultId: 1,
    cancelId: 1,
  })
  return response === 0
}
