import { type BrowserWindow, dialog } from 'electron'
import type { Choice } from '../../preload/contract/folders.ts'
import { imageExtensions } from '../imaging/list-images.ts'

/** Asks by the system's dialog; null where the person closes it. */
export async function chooseFiles(
  window: BrowserWindow,
  { title, what, folder }: Choice,
): Promise<string[] | null> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    title,
    // Where systems show no title, as on macOS.
    message: title,
    ...(folder !== undefined && { defaultPath: folder }),
    ...(what === 'folder'
      ? { properties: ['openDirectory', 'createDirectory'] }
      : what === 'file'
        ? { properties: ['openFile'] }
        : {
            properties: ['openFile', 'multiSelections'],
            filters: [
              { name: 'Images', extensions: imageExtensions.map((extension) => extension.slice(1)) },
              { name: 'All files', extensions: ['*'] },
            ],
          }),
  })
  return canceled ? null : filePaths
}
