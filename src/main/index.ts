import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { app, dialog } from 'electron'
import { describeError } from '../model/errors.ts'
import { projectOf } from './desktop-door/command-line.ts'
import { confineContents } from './desktop-door/confinement.ts'
import { type Desktop, openDesktop } from './desktop-door/open-desktop.ts'
import { registerPageScheme } from './desktop-door/page-protocol.ts'
import { settingsFolder } from './services/user-folders.ts'

// Electron's own files lie beside the settings; who has the same settings is the same instance.
const electronFolder = join(settingsFolder(), 'electron')
mkdirSync(electronFolder, { recursive: true })
app.setPath('userData', electronFolder)

/** To open as soon as there is a window. */
let project = projectOf(process.argv.slice(1), process.cwd())
let desktop: Desktop | undefined

if (app.requestSingleInstanceLock({ project: project ?? null })) start()
else app.quit()

/** Everything here must be in place before Electron is ready, and Electron is ready only after this module has run: no `await`. */
function start(): void {
  registerPageScheme()
  confineContents()
  app.on('second-instance', (_event, _arguments, _folder, data) => {
    desktop?.focus()
    const asked = (data as { project?: unknown } | null)?.project
    if (typeof asked === 'string') open(asked)
  })
  // macOS: dropped on the program, or chosen from its recent documents.
  app.on('open-file', (event, path) => {
    event.preventDefault()
    open(path)
  })
  app.on('window-all-closed', () => app.quit())
  app
    .whenReady()
    .then(async () => {
      desktop = await openDesktop(project)
    })
    .catch((thrown: unknown) => {
      dialog.showErrorBox('Segscope could not start', describeError(thrown))
      app.exit(1)
    })
}

function open(folder: string): void {
  if (desktop === undefined) project = folder
  else desktop.openProject(folder)
}
