/** A wheel's file as an index or a folder offers it. */
export interface WheelFile {
  /** `tensorflow_cpu-2.21.0-cp312-cp312-manylinux_2_27_x86_64.whl` */
  name: string
  version: string
  /** An http(s) address, or the path of a file. */
  location: string
  /** Bytes; undefined where the index does not say. */
  size: number | undefined
  /** 64 hexadecimal digits; undefined where the index does not say. */
  sha256: string | undefined
}

interface WheelName {
  distribution: string
  version: string
  pythons: string[]
  platforms: string[]
}

/** The parts of a wheel's name (PyPA, binary distribution format); undefined where it is none. */
export function parseWheelName(name: string): WheelName | undefined {
  const match =
    /^(?<distribution>[^-]+)-(?<version>[^-]+)(-\d[^-]*)?-(?<python>[^-]+)-[^-]+-(?<platform>[^-]+)\.whl$/.exec(
      name,
    )?.groups
  if (match === undefined) return undefined
  return {
    distribution: normaliseName(match['distribution'] as string),
    version: match['version'] as string,
    pythons: (match['python'] as string).split('.'),
    platforms: (match['platform'] as string).split('.'),
  }
}

/** PEP 503: one spelling of a distribution's name. */
export function normaliseName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-')
}

/** The C library of a machine, as wheels' names speak of it. */
export interface Platform {
  architecture: 'x86_64' | 'aarch64'
  /** [2, 36] */
  glibc: readonly [number, number]
}

const oldNames: Readonly<Record<string, [number, number]>> = {
  manylinux1: [2, 5],
  manylinux2010: [2, 12],
  manylinux2014: [2, 17],
}

/** The oldest glibc that a platform tag asks for; undefined where it is for other machines. */
export function requiredGlibc(
  tag: string,
  architecture: Platform['architecture'],
): [number, number] | undefined {
  if (!tag.endsWith(`_${architecture}`)) return undefined
  const name = tag.slice(0, -architecture.length - 1)
  const modern = /^manylinux_(\d+)_(\d+)$/.exec(name)
  return modern === null ? oldNames[name] : [Number(modern[1]), Number(modern[2])]
}

/** Compares versions that consist of numbers and dots ('2.21.0'). */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [left, right].map((version) => version.split('.').map(Number)) as [number[], number[]]
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}

export function isFinalVersion(version: string): boolean {
  return /^\d+(\.\d+)*$/.test(version)
}
