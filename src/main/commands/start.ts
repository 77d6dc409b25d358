import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { SegscopeError } from '../../model/errors.ts'
import { describeAddress, runBrowserDoor } from '../browser-door/run-browser-door.ts'
import { type CommonOptions, runCommand } from '../terminal/run-command.ts'
import { build, needsBuild } from './build-when-needed.ts'
import { findElectron } from './electron-program.ts'
import { openInBrowser } from './open-in-browser.ts'

interface StartOptions extends CommonOptions {
  project?: string
}

const repository = resolve(import.meta.dirname, '../../..')

/** Adds `segscope start`: the application in its window, or where Electron is not there, in a browser, until it is closed. */
export function addStartCommand(program: Command): void {
  program
    .command('start')
    .description('open the window; in a browser, where the window’s program, Electron, is not installed')
    .option('--project <folder>', 'open this project')
    .action(
      runCommand<StartOptions>(async ({ project }, { reporter, signal }) => {
        if (needsBuild(repository)) {
          reporter.info('Building the window; the first time, this takes about half a minute.')
          await build(repository, signal)
        }
        const electron = await findElectron()
        if (electron !== undefined) {
          await openWindow(electron, project, signal)
          return
        }
        reporter.info(
          'Electron, the window\'s program, is not installed ("npx install-electron" downloads it, about 120 MB): Segscope opens in your browser instead.',
        )
        await runBrowserDoor(
          {
            project,
            host: '127.0.0.1',
            port: 0,
            onReady: (address) => {
              reporter.result({ address }, describeAddress(address))
              openInBrowser(address)
            },
          },
          { signal },
        )
      }),
    )
}

function openWindow(electron: string, project: string | undefined, signal: AbortSignal): Promise<void> {
  const arguments_ = project === undefined ? [] : ['--project', resolve(project)]
  return new Promise((closed, reject) => {
    const window = spawn(electron, [repository, ...arguments_], { stdio: 'inherit', signal })
    window.on('error', reject)
    window.on('exit', (status) => {
      if (status === 0 || signal.aborted) closed()
      else reject(new SegscopeError('window-failed', `The window ended with status ${status}.`))
    })
  })
}
