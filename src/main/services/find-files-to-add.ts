import { stat } from 'node:fs/promises'
import { basename, extname, resolve } from 'node:path'
import type { SegscopeError } from '../../model/errors.ts'
import { joinAddress } from '../../preload/contract/image-address.ts'
import { groupFrames } from '../imaging/frames/frame-stacks.ts'
import { folderFormat } from '../imaging/formats.ts'
import { listImages } from '../imaging/list-images.ts'
import { commonSuffixes } from '../imaging/pair-labels.ts'

export interface AddRequest {
  /** Files and folders. */
  paths: readonly string[]
  subfolders: boolean
  /** For names, with * and ?; undefined: every name. */
  pattern?: string | undefined
  /** For names of files that together are one image (`src/main/imaging/frames`); undefined: each file is an image. */
  frames?: string | undefined
}

export interface FilesToAdd {
  /** Addresses: of frames that are one image, the first file's with their pattern. */
  images: string[]
  /** Label maps of images beside them: no images themselves. */
  labelFiles: number
  /** Sub-folders that cannot be read. */
  unreadable: SegscopeError[]
}

/**
 * The image files that a person means by files and folders, each once.
 * @throws SegscopeError `folder-unreadable` where a folder that was named cannot be read; `pattern-unusable`
 */
export async function findFilesToAdd({
  paths,
  subfolders,
  pattern,
  frames,
}: AddRequest): Promise<FilesToAdd> {
  const found = new Set<string>()
  const unreadable: SegscopeError[] = []
  for (const path of paths.map((each) => resolve(each))) {
    if (folderFormat(path) !== undefined || !(await isFolder(path))) {
      found.add(path)
      continue
    }
    const onUnreadable = (error: SegscopeError) => unreadable.push(error)
    for (const file of await listImages(path, { subfolders, onUnreadable })) found.add(file)
  }
  const files = [...found].filter((file) => pattern === undefined || matchesPattern(basename(file), pattern))
  const names = new Set(files.map(withoutExtension))
  const images = files.filter((file) => !isLabelFile(withoutExtension(file), names))
  const labelFiles = files.length - images.length
  return { images: frames === undefined ? images : withStacks(images, frames), labelFiles, unreadable }
}

function withStacks(files: readonly string[], frames: string): string[] {
  const { stacks, others } = groupFrames(files, frames)
  return [
    ...stacks.map(({ files: [first], pattern }) => joinAddress(first as string, { frames: pattern })),
    ...others,
  ]
}

/** What cannot be looked at is no folder: opening it as an image will say why. */
async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

/** `img001_mask` where there is an `img001`. */
function isLabelFile(name: string, names: ReadonlySet<string>): boolean {
  return commonSuffixes.some(
    (suffix) => name.endsWith(suffix) && names.has(name.slice(0, name.length - suffix.length)),
  )
}

function withoutExtension(file: string): string {
  return file.slice(0, file.length - extname(file).length)
}

/** Whether a name is one of a pattern's, in which * stands for any characters and ? for one; case does not matter. */
export function matchesPattern(name: string, pattern: string): boolean {
  const [text, wanted] = [name.toLowerCase(), pattern.toLowerCase()]
  let at = 0
  let wantedAt = 0
  // Where the last * stands, and what it stands for so far: only that one is ever tried again.
  let star = -1
  let starEnd = 0
  while (at < text.length) {
    if (wanted[wantedAt] === '*') {
      star = wantedAt++
      starEnd = at
    } else if (wanted[wantedAt] === '?' || wanted[wantedAt] === text[at]) {
      at++
      wantedAt++
    } else if (star === -1) {
      return false
    } else {
      wantedAt = star + 1
      at = ++starEnd
    }
  }
  return /^\**$/.test(wanted.slice(wantedAt))
}
