import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { SegscopeError } from '../../model/errors.ts'
import { Application } from '../application.ts'
import { BrowserServer } from '../browser-door/browser-server.ts'
import { cacheFolder, settingsFolder } from '../services/user-folders.ts'
import { type CommonOptions, runCommand } from '../terminal/run-command.ts'
import { segscopeVersion } from '../version.ts'
import { portNumber } from './option-values.ts'

interface ServeOptions extends CommonOptions {
  project?: string
  port: number
  host: string
}

const pageFolder = resolve(import.meta.dirname, '../../../out/renderer')

/** Adds `segscope serve`: the application in a browser, until Ctrl+C. */
export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('show the application in a browser, here or on another computer')
    .option('--project <folder>', 'open this project')
    .option('--port <number>', 'listen on this port; 0 takes any that is free', portNumber, 0)
    .option('--host <address>', 'listen on this address of the computer', '127.0.0.1')
    .action(
      runCommand<ServeOptions>(async ({ project, port, host }, { reporter, signal }) => {
        if (!existsSync(join(pageFolder, 'index.html'))) {
          throw new SegscopeError('not-built', 'The page is not built yet.', {
            remedy: 'Run "npm run build".',
          })
        }
        const application = await Application.start({
          about: {
            segscope: segscopeVersion,
            platform: `${process.platform} ${process.arch}`,
            door: 'browser server',
          },
          settingsFolder: settingsFolder(),
          cacheFolder: cacheFolder(),
        })
        if (project !== undefined) await application.open(resolve(project))
        const server = await BrowserServer.start({ application, pageFolder, host, port })
        reporter.result(
          { address: server.address },
          `Segscope is ready. Open this address in a browser on this computer:\n\n  ${server.address}\n\nCtrl+C ends it.`,
        )
        await new Promise((stopped) => signal.addEventListener('abort', stopped, { once: true }))
        await server.stop()
        application.closeProject()
      }),
    )
}
