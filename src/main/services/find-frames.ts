import { groupFrames } from '../imaging/frames/frame-stacks.ts'
import { guessFramePattern } from '../imaging/frames/guess-pattern.ts'
import { type AddRequest, findFilesToAdd } from './find-files-to-add.ts'

export interface FoundFrames {
  frames?: string
  stacks: number
  others: number
  incomplete: number
  example?: { name: string; times: number; zPlanes: number; channels: number }
}

/**
 * What a pattern of frames makes of files and folders, before they are added; without one it is guessed from their names.
 * @throws SegscopeError `pattern-unusable`, `folder-unreadable`
 */
export async function findFrames({ frames, ...request }: AddRequest): Promise<FoundFrames> {
  const { images } = await findFilesToAdd(request)
  const pattern = frames ?? guessFramePattern(images)
  if (pattern === undefined) return { stacks: 0, others: images.length, incomplete: 0 }
  const { stacks, others } = groupFrames(images, pattern)
  const [first] = stacks
  const [times, planes, channels] = first?.axes.map(({ size }) => size) ?? []
  return {
    frames: pattern,
    stacks: stacks.length,
    others: others.length,
    incomplete: stacks.filter(({ missing }) => missing > 0).length,
    ...(first !== undefined && {
      example: { name: first.pattern, times: times ?? 1, zPlanes: planes ?? 1, channels: channels ?? 1 },
    }),
  }
}
