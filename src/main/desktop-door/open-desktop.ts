import { resolve } from 'node:path'
import { app, BrowserWindow, dialog } from 'electron'
import { describeError } from '../../model/errors.ts'
import { Application } from '../application.ts'
import { cacheFolder, settingsFolder } from '../services/user-folders.ts'
import { segscopeVersion } from '../version.ts'
import { chooseFiles } from './choose-files.ts'
import { askBeforeClosing } from './closing.ts'
import { confineSession } from './confinement.ts'
import { offerReload } from './crashes.ts'
import { showMenu } from './menu.ts'
import { serveMessages } from './page-messages.ts'
import { pageAddress, servePage } from './page-protocol.ts'
import { keepWindowPlace, readWindowPlace } from './window-place.ts'

/** The one window of the desktop. */
export interface Desktop {
  focus(): void
  /** Asks the page to open a project, for which it first saves what it has. */
  openProject(folder: string): void
}

/**
 * Opens the window, once Electron is ready.
 * @param project a folder to begin with; where that fails, the person is told, and the window opens without
 */
export async function openDesktop(project: string | undefined): Promise<Desktop> {
  confineSession()
  const settings = settingsFolder()
  const { maximized, ...place } = await readWindowPlace(settings)
  const window = new BrowserWindow({
    ...place,
    minWidth: 900,
    minHeight: 600,
    show: false,
    title: 'Segscope',
    icon: resolve(import.meta.dirname, '../../renderer/icon.png'),
    webPreferences: {
      preload: resolve(import.meta.dirname, '../../preload/index.cjs'),
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      spellcheck: false,
    },
  })
  const application = await Application.start({
    about: {
      segscope: segscopeVersion,
      electron: process.versions.electron,
      platform: `${process.platform} ${process.arch}`,
      door: 'desktop application',
    },
    files: { kind: 'dialogs', choose: (choice) => chooseFiles(window, choice) },
    settingsFolder: settings,
    cacheFolder: cacheFolder(),
  })
  app.on('will-quit', () => application.end())
  servePage(application, resolve(import.meta.dirname, '../../renderer'), developmentServer())
  serveMessages(application)
  showMenu(application)
  offerReload(window)
  askBeforeClosing(window, application, () => keepWindowPlace(settings, window))
  if (project !== undefined) await openOrTell(application, project)
  window.once('ready-to-show', () => {
    if (maximized) window.maximize()
    window.show()
  })
  await window.loadURL(pageAddress)
  application.measureEngines()
  return {
    focus: () => {
      if (window.isMinimized()) window.restore()
      window.focus()
    },
    openProject: (folder) => application.commands.send({ kind: 'open-project', folder }),
  }
}

/** As electron-vite tells it. */
function developmentServer(): string | undefined {
  return app.isPackaged ? undefined : process.env['ELECTRON_RENDERER_URL']
}

async function openOrTell(application: Application, project: string): Promise<void> {
  try {
    await application.open(project)
  } catch (thrown) {
    dialog.showErrorBox('The project could not be opened', describeError(thrown))
  }
}
