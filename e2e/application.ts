import { type ChildProcess, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

const command = resolve(import.meta.dirname, '../bin/segscope.js')

/** A running `segscope serve`, with folders of its own. */
export interface RunningApplication {
  /** With its token: to be opened in a browser. */
  address: string
  /** Temporary: for images and projects of the test; the server may show it. */
  folder: string
  process: ChildProcess
  /** Stops the server and removes its folders. */
  stop: () => Promise<void>
}

/** Starts the built application's browser door as a person does, with settings and cache of its own. */
export async function startApplication(
  options: {
    prepare?: (folder: string) => Promise<string | undefined>
    environment?: NodeJS.ProcessEnv
  } = {},
): Promise<RunningApplication> {
  const folder = await mkdtemp(join(tmpdir(), 'segscope-e2e-'))
  const home = join(folder, 'home')
  await mkdir(home)
  const settings = join(folder, 'settings')
  await writeMeasurements(join(settings, 'segscope'))
  const project = await options.prepare?.(folder)
  const server = spawn(
    process.execPath,
    [command, 'serve', '--json', ...(project === undefined ? [] : ['--project', project])],
    {
      env: {
        ...process.env,
        HOME: home,
        XDG_CONFIG_HOME: settings,
        XDG_DATA_HOME: join(folder, 'data'),
        ...options.environment,
        XDG_CACHE_HOME: join(folder, 'cache'),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const ended = new Promise<void>((resolveEnd) => server.once('exit', () => resolveEnd()))
  const stop = async (): Promise<void> => {
    server.kill('SIGTERM')
    await ended
    await rm(folder, { recursive: true, force: true })
  }
  try {
    return { address: await readAddress(server), folder, process: server, stop }
  } catch (thrown) {
    await stop()
    throw thrown
  }
}

async function readAddress(server: ChildProcess): Promise<string> {
  if (server.stdout === null) throw new Error('The server has no output.')
  for await (const line of createInterface(server.stdout)) {
    const { address } = JSON.parse(line) as { address?: string }
    if (address !== undefined) return address
  }
  throw new Error('The server ended before it was ready.')
}

/** As on a computer whose engine was measured before: measuring it would take the processor from the test. */
async function writeMeasurements(settings: string): Promise<void> {
  await mkdir(settings, { recursive: true })
  const load = createRequire(import.meta.url)
  const { version } = load('onnxruntime-node/package.json') as { version: string }
  const figures = {
    name: 'onnxruntime',
    version,
    device: 'cpu',
    threads: 2,
    forwardMilliseconds: 50,
    stepMilliseconds: 400,
    measured: '2026-11-26T10:00:00.000Z',
  }
  await writeFile(join(settings, 'engines.json'), JSON.stringify([figures]))
}
