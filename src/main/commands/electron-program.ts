import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/**
 * The path of Electron's program, which its package downloads apart from npm and notes in `path.txt`; undefined where it
 * did not. (Importing the package would start that download without asking.)
 */
export async function findElectron(): Promise<string | undefined> {
  const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'))
  try {
    const program = join(folder, 'dist', await readFile(join(folder, 'path.txt'), 'utf8'))
    return existsSync(program) ? program : undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
