import { SegscopeError } from '../../model/errors.ts'
import { listWheels, type WheelSource } from './package-index.ts'
import {
  compareVersions,
  isFinalVersion,
  parseWheelName,
  type Platform,
  requiredGlibc,
  type WheelFile,
} from './wheel-file.ts'

/** The series of TensorFlow that this version of Segscope was tried with; its newest patch is taken. */
export const tensorFlowSeries = '2.21'

/**
 * CUDA's libraries for this series: the extra `and-cuda` of TensorFlow 2.21's wheel, [from, below]. Left out is the compiler (nvcc): its
 * libraries are for XLA, which is not used.
 */
const cudaLibraries: readonly (readonly [distribution: string, from: string, below: string])[] = [
  ['nvidia-cublas-cu12', '12.5.3.2', '13.0'],
  ['nvidia-cuda-cupti-cu12', '12.5.82', '13.0'],
  ['nvidia-cuda-nvrtc-cu12', '12.5.82', '13.0'],
  ['nvidia-cuda-runtime-cu12', '12.5.82', '13.0'],
  ['nvidia-cudnn-cu12', '9.3.0.75', '10.0'],
  ['nvidia-cufft-cu12', '11.2.3.61', '12.0'],
  ['nvidia-curand-cu12', '10.3.6.82', '11.0'],
  ['nvidia-cusolver-cu12', '11.6.3.83', '12.0'],
  ['nvidia-cusparse-cu12', '12.5.1.3', '13.0'],
  ['nvidia-nccl-cu12', '2.27.7', '3.0'],
  ['nvidia-nvjitlink-cu12', '12.5.82', '13.0'],
]

export interface ChosenWheels {
  /** Of TensorFlow. */
  version: string
  /** TensorFlow's first. */
  wheels: readonly WheelFile[]
}

/**
 * The wheels that this machine needs, the newest that fit.
 * @throws SegscopeError `wheel-missing`, `libc-too-old`, and as `listWheels`
 */
export async function chooseWheels(
  source: WheelSource,
  variant: 'cpu' | 'gpu',
  platform: Platform,
  signal: AbortSignal,
): Promise<ChosenWheels> {
  // There is a smaller one without CUDA for Intel and AMD only; that for ARM is without CUDA.
  const small = variant === 'cpu' && platform.architecture === 'x86_64'
  if (variant === 'gpu' && platform.architecture !== 'x86_64') {
    throw new SegscopeError('platform-unsupported', 'TensorFlow has no build with CUDA for ARM processors.', {
      remedy: 'Install it for the processor.',
    })
  }
  const tensorFlow = await choose(
    source,
    small ? 'tensorflow-cpu' : 'tensorflow',
    (version) => version.startsWith(`${tensorFlowSeries}.`),
    platform,
    signal,
  )
  const cuda: WheelFile[] = []
  if (variant === 'gpu') {
    for (const [distribution, from, below] of cudaLibraries) {
      const fits = (version: string): boolean =>
        compareVersions(version, from) >= 0 && compareVersions(version, below) < 0
      cuda.push(await choose(source, distribution, fits, platform, signal))
    }
  }
  return { version: tensorFlow.version, wheels: [tensorFlow, ...cuda] }
}

async function choose(
  source: WheelSource,
  distribution: string,
  fits: (version: string) => boolean,
  { architecture, glibc }: Platform,
  signal: AbortSignal,
): Promise<WheelFile> {
  const all = (await listWheels(source, distribution, signal)).filter(
    ({ version }) => isFinalVersion(version) && fits(version),
  )
  const ofArchitecture = all.flatMap((wheel) => {
    const needed = (parseWheelName(wheel.name)?.platforms ?? [])
      .map((tag) => requiredGlibc(tag, architecture))
      .filter((version) => version !== undefined)
    return needed.length === 0 ? [] : [{ wheel, needed }]
  })
  const usable = ofArchitecture.filter(({ needed }) =>
    needed.some(([major, minor]) => glibc[0] > major || (glibc[0] === major && glibc[1] >= minor)),
  )
  const [best] = usable
    .map(({ wheel }) => wheel)
    // Of several for one version (each for another Python, which does not matter here) the last by name.
    .sort((left, right) => compareVersions(right.version, left.version) || (left.name < right.name ? 1 : -1))
  if (best !== undefined) return best
  const [nearest] = ofArchitecture
  if (nearest !== undefined) {
    const oldest = nearest.needed[0] as [number, number]
    throw new SegscopeError(
      'libc-too-old',
      `${distribution} needs glibc ${oldest.join('.')} or newer; this Linux has ${glibc.join('.')}.`,
      { remedy: 'Update the operating system, or use the engine onnxruntime.' },
    )
  }
  const place = 'index' in source ? 'The package index' : `The folder ${source.folder}`
  throw new SegscopeError(
    'wheel-missing',
    `${place} has no ${distribution} for Linux on ${architecture} that this version of Segscope works with.`,
    {
      remedy: distribution.startsWith('tensorflow')
        ? `It must be of the series ${tensorFlowSeries}: "pip download --no-deps ${distribution}==${tensorFlowSeries}.*" fetches one.`
        : 'Add it, or install from another package index.',
    },
  )
}
