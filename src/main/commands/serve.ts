import type { Command } from 'commander'
import { describeAddress, runBrowserDoor } from '../browser-door/run-browser-door.ts'
import { type CommonOptions, runCommand } from '../terminal/run-command.ts'
import { portNumber } from './option-values.ts'

interface ServeOptions extends CommonOptions {
  project?: string
  port: number
  host: string
  folder?: string[]
}

/** Adds `segscope serve`: the application in a browser, until Ctrl+C. */
export function addServeCommand(program: Command): void {
  program
    .command('serve')
    .description('show the application in a browser, here or on another computer')
    .option('--project <folder>', 'open this project')
    .option('--port <number>', 'listen on this port; 0 takes any that is free', portNumber, 0)
    .option('--host <address>', 'listen on this address of the computer', '127.0.0.1')
    .option(
      '--folder <folders...>',
      "folders that the page may look into, beside the project's (default: your home folder)",
    )
    .action(
      runCommand<ServeOptions>(async ({ project, port, host, folder }, { reporter, signal }) => {
        await runBrowserDoor(
          {
            project,
            port,
            host,
            folders: folder,
            onReady: (address) => reporter.result({ address }, describeAddress(address)),
          },
          { signal },
        )
      }),
    )
}
