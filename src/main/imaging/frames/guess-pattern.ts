import { basename, dirname } from 'node:path'
import { groupFrames } from './frame-stacks.ts'

/** What the letters before a number make of it. */
const roles: readonly [before: RegExp, name: string][] = [
  [/(?:^|[^a-z])(?:t|tp|time|timepoint|frame)[_-]?$/i, 'time'],
  [/(?:^|[^a-z])(?:z|slice|plane)[_-]?$/i, 'z'],
  [/(?:^|[^a-z])(?:c|ch|channel)[_-]?$/i, 'channel'],
  [/(?:^|[^a-z])(?:f|s|p|xy|field|site|pos|position)[_-]?$/i, 'field'],
]

/** A well of a plate of up to 384 standing by itself: A1, B07, P24. */
const well = /(?<=^|[_-])[A-P](?:0?[1-9]|1\d|2[0-4])(?=[_.-])/
/** As Micro-Manager names single files: time, channel and z. */
const microManager = /^img_\d{9}_[A-Za-z0-9]+_\d{3}(\.tiff?)$/

/**
 * Looks whether file names tell frames of time-lapses, stacks or plates.
 * @returns the pattern that puts most files into whole stacks; undefined where none does
 */
export function guessFramePattern(files: readonly string[]): string | undefined {
  const counts = new Map<string, number>()
  for (const file of files) {
    const pattern = patternOf(basename(file))
    if (pattern !== undefined) counts.set(pattern, (counts.get(pattern) ?? 0) + 1)
  }
  const byUse = [...counts].sort(([, one], [, other]) => other - one).slice(0, MOST_TRIED)
  return byUse.map(([pattern]) => pattern).find((pattern) => makesStacks(files, pattern))
}

const MOST_TRIED = 5

/** Numbers in a name that nothing before them explains are taken as they are: patterns then differ by file. */
function patternOf(name: string): string | undefined {
  if (microManager.test(name))
    return name.replace(/^img_\d{9}_[A-Za-z0-9]+_\d{3}/, 'img_{time}_{channel}_{z}')
  const used = new Set<string>()
  const withWell = name.replace(well, () => '{well}')
  const pattern = withWell.replace(/\d+/g, (digits, at: number) => {
    const before = withWell.slice(0, at)
    const role = wavelengthOrWell(before, digits) ?? roles.find(([letters]) => letters.test(before))?.[1]
    if (role === undefined || used.has(role)) return digits
    used.add(role)
    return `{${role}}`
  })
  return ['time', 'z', 'channel'].some((axis) => used.has(axis)) ? pattern : undefined
}

/** MetaMorph's w1 is a wavelength, ScanR's W0002 a well. */
function wavelengthOrWell(before: string, digits: string): string | undefined {
  if (!/(?:^|[^a-z])w[_-]?$/i.test(before)) return undefined
  return digits.length <= 2 ? 'channel' : 'well'
}

function makesStacks(files: readonly string[], pattern: string): boolean {
  const folders = Map.groupBy(files, (file) => dirname(file))
  const stacks = [...folders.values()].flatMap((inside) => groupFrames(inside, pattern).stacks)
  return stacks.length > 0 && stacks.every(({ missing }) => missing === 0)
}
