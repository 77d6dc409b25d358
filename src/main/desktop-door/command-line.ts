import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { isProjectFolder } from '../services/project.ts'

/**
 * The project that a command line asks for: by `--project`, or as a folder, as systems give what was dropped on the
 * program or chosen from its recent documents. (Among the arguments may be the application's own folder, and switches of
 * Electron's.)
 * @param arguments_ without the program
 */
export function projectOf(arguments_: readonly string[], workingFolder: string): string | undefined {
  const { values, positionals } = parseArgs({
    args: [...arguments_],
    options: { project: { type: 'string' } },
    strict: false,
    allowPositionals: true,
  })
  if (typeof values.project === 'string') return resolve(workingFolder, values.project)
  return positionals.map((path) => resolve(workingFolder, path)).find(isProjectFolder)
}
