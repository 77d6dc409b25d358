import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import type { Command } from 'commander'
import { SegscopeError } from '../../model/errors.ts'
import { runCommand } from '../terminal/run-command.ts'

const repository = resolve(import.meta.dirname, '../../..')

/** Adds `segscope start`: opens the window and waits until it is closed. */
export function addStartCommand(program: Command): void {
  program
    .command('start')
    .description('open the window')
    .action(
      runCommand(async (_options, { signal }) => {
        const electron = await findElectron()
        if (!existsSync(join(repository, 'out/main/index.js'))) {
          throw new SegscopeError('not-built', 'The window is not built yet.', {
            remedy: 'Run "npm run build".',
          })
        }
        await openWindow(electron, signal)
      }),
    )
}

/**
 * The path of Electron's program, which its package downloads apart from npm and notes in `path.txt`. (Importing the
 * package would start that download without asking.)
 */
async function findElectron(): Promise<string> {
  const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'))
  try {
    const program = join(folder, 'dist', await readFile(join(folder, 'path.txt'), 'utf8'))
    if (existsSync(program)) return program
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  throw new SegscopeError('electron-missing', "The window's program, Electron, is not on this machine.", {
    remedy:
      'Run "npx install-electron" to download it (about 120 MB). The command line works without it: "npx segscope --help".',
  })
}

function openWindow(electron: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolveWindow, reject) => {
    const window = spawn(electron, [repository], { stdio: 'inherit', signal })
    window.on('error', reject)
    window.on('exit', (status) => {
      if (status === 0 || signal.aborted) resolveWindow()
      else reject(new SegscopeError('window-failed', `The window ended with status ${status}.`))
    })
  })
}
