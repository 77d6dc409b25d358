import { app, clipboard, Menu, type MenuItemConstructorOptions } from 'electron'
import type { AppCommand } from '../../preload/contract/session.ts'
import type { Application } from '../application.ts'
import { describeComputer } from './describe-computer.ts'

const longestRecent = 10
const isMac = process.platform === 'darwin'

/**
 * Shows the menus of the window, and keeps the recent projects in them and in the system's own list. What an item does, the
 * page does: it is sent as a command.
 */
export function showMenu(application: Application): void {
  function show(): void {
    Menu.setApplicationMenu(Menu.buildFromTemplate(menuOf(application)))
  }
  application.events.subscribe('project', ({ kind }) => {
    if (kind !== 'project-changed') return
    show()
    if (application.opened !== undefined) app.addRecentDocument(application.opened.project.folder)
  })
  show()
}

function menuOf(application: Application): MenuItemConstructorOptions[] {
  const hasProject = application.opened !== undefined
  const command = (
    label: string,
    sent: AppCommand,
    options: MenuItemConstructorOptions = {},
  ): MenuItemConstructorOptions => ({ label, click: () => application.commands.send(sent), ...options })

  const file: MenuItemConstructorOptions[] = [
    command('New project…', { kind: 'new-project' }, { accelerator: 'CmdOrCtrl+N' }),
    command('Open project…', { kind: 'open-project' }, { accelerator: 'CmdOrCtrl+O' }),
    { label: 'Recent projects', submenu: recentProjects(application) },
    command('Close project', { kind: 'close-project' }, { enabled: hasProject }),
    { type: 'separator' },
    command('Add images…', { kind: 'add-images' }, { enabled: hasProject }),
    command('Import labels…', { kind: 'import-labels' }, { enabled: hasProject }),
    command('Export labels…', { kind: 'export-labels' }, { enabled: hasProject }),
    { type: 'separator' },
    command('Settings…', { kind: 'settings' }, { accelerator: 'CmdOrCtrl+,' }),
    ...(isMac ? [] : [{ type: 'separator' } as const, { role: 'quit' } as const]),
  ]
  // The page handles the keys itself, as a person set them: they are only shown here.
  const shownOnly = { registerAccelerator: false }
  const edit: MenuItemConstructorOptions[] = [
    command('Undo', { kind: 'undo' }, { accelerator: 'CmdOrCtrl+Z', ...shownOnly }),
    command('Redo', { kind: 'redo' }, { accelerator: 'Shift+CmdOrCtrl+Z', ...shownOnly }),
    { type: 'separator' },
    { role: 'cut' },
    { role: 'copy' },
    { role: 'paste' },
    { role: 'selectAll' },
  ]
  const view: MenuItemConstructorOptions[] = [
    { role: 'resetZoom', label: 'Normal text size' },
    { role: 'zoomIn', label: 'Larger text', registerAccelerator: false },
    { role: 'zoomOut', label: 'Smaller text', registerAccelerator: false },
    { type: 'separator' },
    { role: 'togglefullscreen' },
    ...(app.isPackaged ? [] : [{ role: 'toggleDevTools' } as const]),
  ]
  const help: MenuItemConstructorOptions[] = [
    command('Keys', { kind: 'keys' }),
    { label: 'Copy details for a report', click: () => void copyDetails(application) },
  ]
  return [
    ...(isMac ? [{ role: 'appMenu' } as const] : []),
    { label: 'File', submenu: file },
    { label: 'Edit', submenu: edit },
    { label: 'View', submenu: view },
    { role: 'windowMenu' },
    { role: 'help', submenu: help },
  ]
}

function recentProjects(application: Application): MenuItemConstructorOptions[] {
  const recent = application.recent.list().filter(({ missing }) => !missing)
  if (recent.length === 0) return [{ label: 'None yet', enabled: false }]
  return recent.slice(0, longestRecent).map(({ folder, name }) => ({
    // A single & marks a key in menus.
    label: `${name} (${folder})`.replaceAll('&', '&&'),
    click: () => application.commands.send({ kind: 'open-project', folder }),
  }))
}

async function copyDetails(application: Application): Promise<void> {
  await clipboard.writeText(await describeComputer(application.about))
}
