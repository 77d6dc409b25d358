import { basename, dirname } from 'node:path'
import type { Axis } from '../../../model/images/image-source.ts'
import { compareNaturally } from '../list-images.ts'
import { type FramePlace, parseFramePattern } from './pattern.ts'

/** Files that make one image. */
export interface FrameStack {
  /** The pattern with everything but the axes filled in. */
  pattern: string
  /** By time, z and channel, outermost first. */
  files: string[]
  axes: Axis[]
  /** The channels' names, where they are not just numbers. */
  channelNames: string[] | undefined
  /** How many files are missing for a whole stack. */
  missing: number
}

/**
 * Puts files together that a pattern says are frames of one image, folder by folder.
 * @returns the stacks, and the files that the pattern does not fit or that are alone
 * @throws SegscopeError `pattern-unusable`
 */
export function groupFrames(
  files: readonly string[],
  pattern: string,
): { stacks: FrameStack[]; others: string[] } {
  const { match } = parseFramePattern(pattern)
  const groups = new Map<string, { file: string; place: FramePlace }[]>()
  const others: string[] = []
  for (const file of files) {
    const place = match(basename(file))
    if (place === undefined) {
      others.push(file)
      continue
    }
    const key = `${dirname(file)}\n${place.stack}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [{ file, place }])
    else group.push({ file, place })
  }
  const stacks: FrameStack[] = []
  for (const group of groups.values()) {
    const stack = arrange(group)
    if (stack.files.length > 1) stacks.push(stack)
    else others.push(...stack.files)
  }
  return { stacks, others: others.sort(compareNaturally) }
}

function arrange(group: { file: string; place: FramePlace }[]): FrameStack {
  const values = (['t', 'z', 'c'] as const).map((axis) => {
    const found = new Set(group.map(({ place }) => place.axes[axis] ?? ''))
    return [...found].sort(compareNaturally)
  })
  const [times = [], planes = [], channels = []] = values
  const byPlace = new Map(group.map(({ file, place: { axes } }) => [keyOf(axes.t, axes.z, axes.c), file]))
  const files = times.flatMap((t) =>
    planes.flatMap((z) => channels.flatMap((c) => byPlace.get(keyOf(t, z, c)) ?? [])),
  )
  const isNamed = channels.some((channel) => !/^\d*$/.test(channel))
  return {
    pattern: (group[0] as { place: FramePlace }).place.stack,
    files,
    axes: [
      { name: 't', size: times.length },
      { name: 'z', size: planes.length },
      { name: 'c', size: channels.length },
    ],
    channelNames: isNamed ? channels : undefined,
    missing: times.length * planes.length * channels.length - files.length,
  }
}

function keyOf(...values: (string | undefined)[]): string {
  return values.map((value) => value ?? '').join(' ')
}
