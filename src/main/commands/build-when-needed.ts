import { spawn } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { SegscopeError } from '../../model/errors.ts'

/** What the build writes, in this order: a build that was stopped midway lacks the last. */
const built = ['out/main/index.js', 'out/preload/index.cjs', 'out/renderer/index.html']
const sources = ['src', 'electron.vite.config.ts', 'package-lock.json']

/** Whether the window has to be built: it is not, or what it is made of changed since. Never where there are no sources. */
export function needsBuild(repository: string): boolean {
  if (!existsSync(join(repository, 'src'))) return false
  if (built.some((file) => !existsSync(join(repository, file)))) return true
  const oldest = Math.min(...built.map((file) => changed(join(repository, file))))
  return sources.some((source) => newestIn(join(repository, source)) > oldest)
}

/** @throws SegscopeError `build-failed` with what the build said */
export async function build(repository: string, signal: AbortSignal): Promise<void> {
  const program = join(repository, 'node_modules/electron-vite/bin/electron-vite.js')
  const child = spawn(process.execPath, [program, 'build'], { cwd: repository, signal })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const status = await new Promise<number | null>((ended, failed) =>
    child.on('close', ended).on('error', failed),
  )
  if (status === 0) return
  throw new SegscopeError('build-failed', `The window could not be built:\n${said.trim()}`, {
    remedy: 'Run "npm ci", then try again.',
  })
}

/** A folder changes when a file in it comes or goes. */
function newestIn(path: string): number {
  const entries = statSync(path).isDirectory() ? readdirSync(path) : []
  return Math.max(changed(path), ...entries.map((name) => newestIn(join(path, name))))
}

function changed(path: string): number {
  return statSync(path).mtimeMs
}
