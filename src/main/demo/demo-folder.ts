import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { SegscopeError } from '../../model/errors.ts'
import { openOrCreateProject, type Project } from '../services/project.ts'

/** By this name a project is known to be a demo's, which may be written to again. */
const demoName = 'Yeast microcolonies (Segscope demo)'

/**
 * Opens the demo's project: a new one where there is nothing, or that of an earlier demo, which keeps its experiments
 * and results.
 * @throws SegscopeError `not-a-demo` where the folder holds anything else; as `openProject`
 */
export async function openDemoProject(folder: string): Promise<Project> {
  if (holdsOtherFiles(folder)) {
    throw notADemo(folder, 'The folder holds other files already; the demo does not mix its own with them.')
  }
  const project = await openOrCreateProject(folder, { door: 'command line', name: demoName })
  const { name } = project
  if (name === demoName) return project
  project.close()
  throw notADemo(folder, `The folder holds the project "${name}", which is not a demo.`)
}

function holdsOtherFiles(folder: string): boolean {
  if (!existsSync(folder) || existsSync(join(folder, 'segscope.db'))) return false
  if (!statSync(folder).isDirectory()) return true
  return readdirSync(folder).some((name) => !name.startsWith('.') && name !== 'segscope.lock')
}

function notADemo(folder: string, message: string): SegscopeError {
  return new SegscopeError('not-a-demo', message, {
    file: folder,
    remedy: 'Name a new folder: --out FOLDER.',
  })
}
