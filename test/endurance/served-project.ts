import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

const program = resolve(import.meta.dirname, '../../bin/segscope.js')

/** A `segscope serve` that may be killed at any moment. */
export interface ServedProject {
  child: ChildProcess
  /** With its token. */
  address: string
}

/** Temporary folders are what it serves. @param home for settings and cache */
export async function serveProject(project: string, home: string): Promise<ServedProject> {
  const child = spawn(
    process.execPath,
    [program, 'serve', '--project', project, '--folder', tmpdir(), '--json'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home, APPDATA: home, LOCALAPPDATA: home },
    },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  for await (const line of createInterface(child.stdout)) {
    const { kind, address } = JSON.parse(line) as { kind: string; address?: string }
    if (kind !== 'result' || address === undefined) continue
    child.stdout.resume()
    return { child, address }
  }
  throw new Error('The server ended before it was ready.')
}

/** As the system does it when memory runs out, or a power cut. */
export async function kill({ child }: ServedProject): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

export async function stop({ child }: ServedProject): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  await gone
}
