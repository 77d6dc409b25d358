import { mkdir, readdir, readFile, rename, rm, stat, statfs, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { CancelledError, SegscopeError } from '../../model/errors.ts'
import {
  descriptionFile,
  type InstalledRuntime,
  listInstalledRuntimes,
  readRuntime,
  type RuntimeDescription,
} from '../../model/engine/tensorflow/installed-runtime.ts'
import { explainWriteError } from '../../model/files/atomic-write.ts'
import { buildBinding, findCompiler, isNeededHeader } from './build-binding.ts'
import { chooseWheels, type ChosenWheels } from './choose-wheels.ts'
import { obtainWheel } from './download-wheel.ts'
import { examineMachine, type Machine, requireGpu } from './examine-machine.ts'
import { withoutCredentials } from './http.ts'
import type { WheelSource } from './package-index.ts'
import { tryRuntime } from './try-runtime.ts'
import { examineWheel, unpackWheel } from './unpack-wheel.ts'

/** What an installation says while it goes on. */
export type InstallEvent =
  | {
      kind: 'chosen'
      version: string
      variant: 'cpu' | 'gpu'
      files: number
      downloadBytes: number | undefined
    }
  | { kind: 'progress'; fraction: number; phase: 'downloading' | 'unpacking' | 'building' | 'trying' }

export interface InstallRequest {
  /** Of the runtimes (`runtimesFolder()`). */
  folder: string
  source: WheelSource
  /** Undefined: with CUDA where there is a GPU. */
  variant: 'cpu' | 'gpu' | undefined
  signal: AbortSignal
  onEvent: (event: InstallEvent) => void
}

/** The parts that a test replaces: a machine it does not run on, a compiler and a TensorFlow that it does not have. */
export interface InstallSurroundings {
  examineMachine: () => Promise<Machine>
  findCompiler: () => Promise<string>
  build: typeof buildBinding
  /** @returns the device that the runtime in the folder computes on */
  tryRuntime: (folder: string, signal: AbortSignal) => Promise<string>
  freeBytes: (folder: string) => Promise<number>
  attempts: number
}

const usual: InstallSurroundings = {
  examineMachine,
  findCompiler,
  build: buildBinding,
  tryRuntime,
  freeBytes: async (folder) => {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  },
  attempts: 5,
}

/** How much larger what is kept of a wheel is than the wheel: 3.1 for TensorFlow 2.21 without CUDA. */
export const unpackedFactor = 3.5

const unfinishedName = 'unfinished'
const downloadsName = 'downloads'

/**
 * Installs TensorFlow's runtime, or a newer one in its place. What was installed before stays until the new one has computed something
 * known on this machine; whatever fails leaves nothing but the downloads so far, from which the next try goes on.
 * @throws SegscopeError of the parts, and `disk-full`, `installation-running`; CancelledError
 */
export async function installTensorFlow(
  request: InstallRequest,
  surroundings: Partial<InstallSurroundings> = {},
): Promise<InstalledRuntime> {
  const parts = { ...usual, ...surroundings }
  const { folder, source, signal, onEvent } = request
  const machine = await parts.examineMachine()
  const variant = request.variant ?? (machine.nvidiaDriver === undefined ? 'cpu' : 'gpu')
  if (variant === 'gpu') requireGpu(machine)
  // Before anything is fetched: whoever has no compiler shall not wait for a download first.
  const compiler = await parts.findCompiler()
  const chosen = await chooseWheels(source, variant, machine.platform, signal)
  const downloadBytes = totalSize(chosen)
  onEvent({ kind: 'chosen', version: chosen.version, variant, files: chosen.wheels.length, downloadBytes })

  const unfinished = join(folder, unfinishedName)
  await claim(folder, unfinished)
  try {
    const wheels = await download(chosen, request, parts)
    await unpack(wheels, unfinished, folder, request, parts)
    onEvent({ kind: 'progress', fraction: 0, phase: 'building' })
    await parts.build(compiler, unfinished, signal)
    await rm(join(unfinished, 'tensorflow', 'include'), { recursive: true, force: true })
    const runtime: RuntimeDescription = {
      version: chosen.version,
      variant,
      device: variant,
      size: await sizeOfFolder(unfinished),
      sources: chosen.wheels.map(({ location }) => withoutCredentials(location)),
      installed: new Date().toISOString(),
    }
    await describe(unfinished, runtime)
    onEvent({ kind: 'progress', fraction: 0, phase: 'trying' })
    const device = await parts.tryRuntime(unfinished, signal)
    if (variant === 'gpu' && device !== 'gpu') {
      throw new SegscopeError('gpu-missing', 'TensorFlow loads, but finds no GPU that it can use.', {
        remedy: 'Look at what nvidia-smi says, or install it for the processor.',
      })
    }
    await describe(unfinished, { ...runtime, device })
    signal.throwIfAborted()
    return await putInPlace(unfinished, folder, `${chosen.version}-${variant}`)
  } catch (thrown) {
    throw signal.aborted && !(thrown instanceof SegscopeError)
      ? new CancelledError('Stopped. Nothing was installed; what was downloaded is kept for the next try.')
      : explainWriteError(thrown, folder)
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

/** Removes all installed runtimes and their downloads. @returns what was there */
export async function removeTensorFlow(folder: string): Promise<InstalledRuntime[]> {
  const installed = listInstalledRuntimes(folder)
  for (const runtime of installed) {
    // Without its description it is no runtime, should the rest not go at once.
    await rm(join(runtime.folder, descriptionFile), { force: true })
    await rm(runtime.folder, { recursive: true, force: true })
  }
  await rm(join(folder, downloadsName), { recursive: true, force: true })
  return installed
}

function totalSize({ wheels }: ChosenWheels): number | undefined {
  let sum = 0
  for (const { size } of wheels) {
    if (size === undefined) return undefined
    sum += size
  }
  return sum
}

/** Makes the folder of what is under way; what a killed installation has left there goes. */
async function claim(folder: string, unfinished: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
    const owner = await readFile(join(unfinished, 'owner'), 'utf8').catch(() => undefined)
    if (owner !== undefined && Number(owner) !== process.pid && isRunning(Number(owner))) {
      throw new SegscopeError(
        'installation-running',
        `Another installation of TensorFlow is under way (process ${owner}).`,
        { file: folder, remedy: 'Wait for its end.' },
      )
    }
    await rm(unfinished, { recursive: true, force: true })
    await mkdir(unfinished)
    await writeFile(join(unfinished, 'owner'), String(process.pid))
  } catch (thrown) {
    throw explainWriteError(thrown, folder)
  }
}

function isRunning(process_: number): boolean {
  try {
    return process.kill(process_, 0)
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function download(
  chosen: ChosenWheels,
  { folder, signal, onEvent }: InstallRequest,
  { freeBytes, attempts }: InstallSurroundings,
): Promise<string[]> {
  const downloads = join(folder, downloadsName)
  await mkdir(downloads, { recursive: true })
  await removeOtherDownloads(downloads, chosen)
  const total = totalSize(chosen)
  if (total !== undefined) {
    const kept = await sizeOfFolder(downloads)
    const isLocal = chosen.wheels.every(({ location }) => !/^https?:/i.test(location))
    await requireSpace(folder, total * unpackedFactor + (isLocal ? 0 : Math.max(total - kept, 0)), freeBytes)
  }
  const paths: string[] = []
  let before = 0
  for (const wheel of chosen.wheels) {
    paths.push(
      await obtainWheel(wheel, {
        folder: downloads,
        signal,
        attempts,
        onProgress: (received) => {
          if (total === undefined) return
          onEvent({ kind: 'progress', fraction: (before + received) / total, phase: 'downloading' })
        },
      }),
    )
    before += wheel.size ?? 0
  }
  return paths
}

/** Downloads for another version or variant serve nothing any more. */
async function removeOtherDownloads(downloads: string, { wheels }: ChosenWheels): Promise<void> {
  const names = new Set(wheels.flatMap(({ name }) => [name, `${name}.part`]))
  for (const name of await readdir(downloads)) {
    if (!names.has(name)) await rm(join(downloads, name), { recursive: true, force: true })
  }
}

async function unpack(
  wheels: readonly string[],
  unfinished: string,
  folder: string,
  { signal, onEvent }: InstallRequest,
  { freeBytes }: InstallSurroundings,
): Promise<void> {
  const contents = []
  for (const wheel of wheels) contents.push({ wheel, ...(await examineWheel(wheel, isWanted)) })
  const total = contents.reduce((sum, { bytes }) => sum + bytes, 0)
  await requireSpace(folder, total, freeBytes)
  let before = 0
  for (const { wheel, bytes, names } of contents) {
    if (names.length === 0) {
      throw new SegscopeError('wheel-unreadable', `${basename(wheel)} holds nothing that TensorFlow needs.`, {
        file: wheel,
        remedy: `Segscope works with TensorFlow's own wheels from the Python package index.`,
      })
    }
    await unpackWheel(wheel, unfinished, isWanted, {
      signal,
      onProgress: (done) =>
        onEvent({ kind: 'progress', fraction: (before + done) / total, phase: 'unpacking' }),
    })
    before += bytes
  }
}

/** The libraries, the C interface's headers, the licences; of CUDA's wheels what is loaded when it runs. */
function isWanted(name: string): boolean {
  return (
    /^tensorflow\/libtensorflow_(cc|framework)\.so\.2$/.test(name) ||
    isNeededHeader(name) ||
    name === 'tensorflow/THIRD_PARTY_NOTICES.txt' ||
    /^nvidia\/[^/]+\/lib\/[^/]+\.so(\.[\d.]+)?$/.test(name) ||
    /^[^/]+\.dist-info\/(licenses\/)?(LICENSE|License)[^/]*$/.test(name)
  )
}

async function requireSpace(
  folder: string,
  bytes: number,
  freeBytes: InstallSurroundings['freeBytes'],
): Promise<void> {
  const free = await freeBytes(folder)
  if (free >= bytes) return
  const gigabytes = (value: number): string => (value / 1e9).toFixed(1)
  throw new SegscopeError(
    'disk-full',
    `TensorFlow needs about ${gigabytes(bytes)} GB in ${folder}, where ${gigabytes(free)} GB are free.`,
    {
      file: folder,
      remedy: 'Free some space, or name another folder in SEGSCOPE_RUNTIMES. Nothing was installed.',
    },
  )
}

async function describe(folder: string, runtime: RuntimeDescription): Promise<void> {
  await writeFile(join(folder, descriptionFile), `${JSON.stringify(runtime, null, 2)}\n`)
}

/** Gives the runtime its name; the one before goes when the new one is there. */
async function putInPlace(unfinished: string, folder: string, name: string): Promise<InstalledRuntime> {
  const target = join(folder, name)
  const replaced = join(folder, `replaced-${process.pid}`)
  await rm(join(unfinished, 'owner'), { force: true })
  const before = listInstalledRuntimes(folder)
  if (before.some((runtime) => runtime.folder === target)) await rename(target, replaced)
  else await rm(target, { recursive: true, force: true })
  await rename(unfinished, target)
  await rm(replaced, { recursive: true, force: true })
  for (const runtime of before) {
    if (runtime.folder !== target) await rm(runtime.folder, { recursive: true, force: true })
  }
  await rm(join(folder, downloadsName), { recursive: true, force: true })
  return readRuntime(target) as InstalledRuntime
}

async function sizeOfFolder(folder: string): Promise<number> {
  let sum = 0
  for (const name of await readdir(folder, { recursive: true })) {
    const { size } = await stat(join(folder, name))
    sum += size
  }
  return sum
}
