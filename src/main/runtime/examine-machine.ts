import { readFile } from 'node:fs/promises'
import { SegscopeError } from '../../model/errors.ts'
import type { Platform } from './wheel-file.ts'

/** What decides which wheels fit. */
export interface Machine {
  platform: Platform
  /** The version of NVIDIA's driver: '550.54.15'; undefined where there is none. */
  nvidiaDriver: string | undefined
}

/**
 * CUDA 12's minor versions work with every driver from here on (NVIDIA, CUDA compatibility, table 1: minor version compatibility,
 * Linux).
 */
const oldestDriver = [525, 60, 13] as const

/**
 * @throws SegscopeError `platform-unsupported`, `libc-unsupported`, `processor-too-old`
 */
export async function examineMachine(): Promise<Machine> {
  const { platform, arch } = process
  const architecture = ({ x64: 'x86_64', arm64: 'aarch64' } as const)[arch as 'x64' | 'arm64'] as
    Platform['architecture'] | undefined
  if (platform !== 'linux' || architecture === undefined) {
    throw new SegscopeError(
      'platform-unsupported',
      `Segscope runs TensorFlow under Linux on 64-bit Intel, AMD and ARM processors; this is ${platform} ${arch}.`,
      { remedy: 'The engine onnxruntime trains and segments here.' },
    )
  }
  const glibc = readGlibc()
  if (glibc === undefined) {
    throw new SegscopeError(
      'libc-unsupported',
      'TensorFlow needs the C library glibc; this Linux has another one (Alpine, for one, has musl).',
      { remedy: 'Use a Linux with glibc (Debian, Ubuntu, Fedora, ...), or the engine onnxruntime.' },
    )
  }
  if (architecture === 'x86_64') await requireAvx()
  return { platform: { architecture, glibc }, nvidiaDriver: await readDriver() }
}

/** @throws SegscopeError `gpu-missing`, `driver-too-old` */
export function requireGpu({ nvidiaDriver }: Machine): void {
  if (nvidiaDriver === undefined) {
    throw new SegscopeError('gpu-missing', 'This machine has no NVIDIA GPU, or its driver is not loaded.', {
      remedy:
        "Install NVIDIA's driver (nvidia-smi must list the GPU), or install TensorFlow for the processor.",
    })
  }
  const parts = nvidiaDriver.split('.').map(Number)
  for (const [index, oldest] of oldestDriver.entries()) {
    const part = parts[index] ?? 0
    if (part > oldest) return
    if (part < oldest) {
      throw new SegscopeError(
        'driver-too-old',
        `NVIDIA's driver ${nvidiaDriver} is too old for CUDA 12, which needs ${oldestDriver.join('.')} or newer.`,
        { remedy: 'Update the driver, or install TensorFlow for the processor.' },
      )
    }
  }
}

function readGlibc(): readonly [number, number] | undefined {
  // Node's types do not describe the report.
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } }
  const match = /^(\d+)\.(\d+)/.exec(header.glibcVersionRuntime ?? '')
  return match === null ? undefined : [Number(match[1]), Number(match[2])]
}

async function requireAvx(): Promise<void> {
  const flags = /^flags\s*:(.*)$/m.exec(await readFile('/proc/cpuinfo', 'utf8'))?.[1]
  if (flags === undefined || flags.split(' ').includes('avx')) return
  throw new SegscopeError(
    'processor-too-old',
    "This processor lacks the instructions (AVX) that TensorFlow's builds use.",
    { remedy: 'The engine onnxruntime trains and segments here.' },
  )
}

/** The kernel module says which driver is loaded, whether or not NVIDIA's programs are installed. */
async function readDriver(): Promise<string | undefined> {
  try {
    const text = await readFile('/proc/driver/nvidia/version', 'utf8')
    return /\b(\d{3,}(?:\.\d+)+)\b/.exec(text)?.[1]
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw thrown
  }
}
