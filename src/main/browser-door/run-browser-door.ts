import { existsSync } from 'node:fs'
import { homedir, hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { SegscopeError } from '../../model/errors.ts'
import { Application } from '../application.ts'
import { ServedFolders } from '../services/served-folders.ts'
import { cacheFolder, settingsFolder } from '../services/user-folders.ts'
import type { CommandContext } from '../terminal/run-command.ts'
import { segscopeVersion } from '../version.ts'
import { BrowserServer } from './browser-server.ts'

export interface BrowserDoorOptions {
  /** The project to open. */
  project?: string | undefined
  host: string
  /** 0: any that is free. */
  port: number
  /** What pages may look into, beside the project's folder; undefined: the home folder. */
  folders?: readonly string[] | undefined
  /** Told the address when pages are answered. */
  onReady: (address: string) => void
}

const pageFolder = resolve(import.meta.dirname, '../../../out/renderer')

/**
 * Shows the application to browsers until the command is stopped; then the project is closed.
 * @throws SegscopeError `not-built`; as `ServedFolders.open`, `Application.open` and `BrowserServer.start`
 */
export async function runBrowserDoor(
  { project, host, port, folders = [homedir()], onReady }: BrowserDoorOptions,
  { signal }: Pick<CommandContext, 'signal'>,
): Promise<void> {
  if (!existsSync(join(pageFolder, 'index.html'))) {
    throw new SegscopeError('not-built', 'The page is not built yet.', { remedy: 'Run "npm run build".' })
  }
  const served = [...folders, ...(project === undefined ? [] : [project])].map((folder) => resolve(folder))
  const application = await Application.start({
    about: {
      segscope: segscopeVersion,
      platform: `${process.platform} ${process.arch}`,
      door: 'browser server',
    },
    files: { kind: 'served folders', folders: await ServedFolders.open(served) },
    settingsFolder: settingsFolder(),
    cacheFolder: cacheFolder(),
    isOpenToNetwork: !['127.0.0.1', '::1', 'localhost'].includes(host),
  })
  try {
    if (project !== undefined) await application.open(resolve(project))
    const server = await BrowserServer.start({ application, pageFolder, host, port })
    onReady(server.address)
    application.measureEngines()
    if (!signal.aborted)
      await new Promise((stopped) => signal.addEventListener('abort', stopped, { once: true }))
    await server.stop()
  } finally {
    application.end()
  }
}

/** What to do with the address, for a person at a terminal. */
export function describeAddress(address: string): string {
  const { hostname: name, port } = new URL(address)
  const throughTunnel =
    process.env['SSH_CONNECTION'] !== undefined && name === '127.0.0.1'
      ? `\n\nFrom your own computer, first run there:  ssh -L ${port}:127.0.0.1:${port} ${hostname()}`
      : ''
  return `Segscope is ready. Open this address in a browser:\n\n  ${address}${throughTunnel}\n\nCtrl+C ends it.`
}
