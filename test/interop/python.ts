import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inject } from 'vitest'

const run = promisify(execFile)
const python = inject('python')

/** Whether the readers are there; `test.skipIf(isMissing)`. */
export const isMissing = 'missing' in python

/**
 * Runs a script of `test/interop/python` and returns what it prints last, as JSON.
 * @throws Error with what the script wrote to its standard error
 */
export async function runPython(script: string, ...arguments_: string[]): Promise<unknown> {
  return JSON.parse(
    (await runScript(join(import.meta.dirname, 'python', script), arguments_))
      .trim()
      .split('\n')
      .at(-1) as string,
  )
}

/** Runs a script anywhere, in its own folder if none is given; returns what it prints. */
export async function runScript(
  path: string,
  arguments_: readonly string[],
  folder?: string,
): Promise<string> {
  if ('missing' in python) throw new Error(python.missing)
  const { stdout } = await run(python.interpreter, [path, ...arguments_], {
    cwd: folder,
    maxBuffer: 256 * 2 ** 20,
    // Nothing of a person's own settings and caches.
    env: { ...process.env, PYTHONNOUSERSITE: '1', PYTHONUTF8: '1' },
  })
  return stdout
}
