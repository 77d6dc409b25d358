import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { TestProject } from 'vitest/node'
import { cacheFolder } from '../../src/main/services/user-folders.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The interpreter that has the packages, or why there is none. */
    python: { interpreter: string } | { missing: string }
  }
}

const run = promisify(execFile)
const requirements = join(import.meta.dirname, 'requirements.txt')
const installing = { timeout: 280_000, maxBuffer: 64 * 2 ** 20 }

/** Makes the environment once for each list of packages, and tells the tests where it is. */
export default async function setup(project: TestProject): Promise<void> {
  project.provide('python', await prepare())
}

async function prepare(): Promise<{ interpreter: string } | { missing: string }> {
  const version = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12)
  const folder = join(cacheFolder(), 'interop', version)
  const interpreter = join(
    folder,
    ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']),
  )
  const complete = join(folder, 'complete')
  if (existsSync(complete)) return { interpreter }
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  try {
    await run(process.platform === 'win32' ? 'python' : 'python3', ['-m', 'venv', folder], installing)
    console.log(`Installing the readers of others into ${folder} ...`)
    await run(interpreter, ['-m', 'pip', 'install', '--quiet', '-r', requirements], installing)
  } catch (thrown) {
    rmSync(folder, { recursive: true, force: true })
    const { message, stderr } = thrown as Error & { stderr?: string }
    const missing = (stderr?.trim().split('\n').at(-1) ?? '') || message
    console.warn(`The readers of others are not there, and all their tests are skipped: ${missing}`)
    return { missing }
  }
  writeFileSync(complete, '')
  return { interpreter }
}
