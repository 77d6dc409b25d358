import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { SegscopeError } from '../../model/errors.ts'
import { folderFormat, formats } from './formats.ts'

/** Extensions that are taken for images in a folder, in lower case. */
export const imageExtensions = formats.flatMap(({ extensions }) => extensions)

const naturalOrder = new Intl.Collator('en', { numeric: true })

/** Whether a file is taken for an image, by its extension. */
export function hasImageName(name: string): boolean {
  const lower = name.toLowerCase()
  return imageExtensions.some((extension) => lower.endsWith(extension))
}

export interface Listing {
  /** Whether sub-folders are looked into; true where undefined. */
  subfolders?: boolean
  /** Is told of a sub-folder that cannot be read, and the others are listed; where undefined, the listing fails. */
  onUnreadable?: (error: SegscopeError) => void
}

/** t2 before t10. */
export function compareNaturally(one: string, other: string): number {
  return naturalOrder.compare(one, other)
}

/**
 * The image files in a folder and its sub-folders, by extension, in natural order (t2 before t10). Files and folders
 * whose name begins with a dot are left out, among them the `._` files that macOS leaves on network drives.
 * @returns paths that begin with `folder`
 * @throws SegscopeError `folder-unreadable`
 */
export async function listImages(folder: string, listing: Listing = {}): Promise<string[]> {
  const files: string[] = []
  await collect(folder, files, listing)
  return files.sort(compareNaturally)
}

async function collect(folder: string, files: string[], listing: Listing): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    const code = (error as NodeJS.ErrnoException).code
    const why = code === 'ENOENT' ? 'it does not exist' : code === 'ENOTDIR' ? 'it is a file' : String(error)
    throw new SegscopeError('folder-unreadable', `The folder ${folder} cannot be read: ${why}.`, {
      file: folder,
      cause: error,
    })
  })
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory() && folderFormat(entry.name) !== undefined) files.push(path)
    else if (entry.isDirectory()) await collectBelow(path, files, listing)
    else if (hasImageName(entry.name)) files.push(path)
  }
}

async function collectBelow(folder: string, files: string[], listing: Listing): Promise<void> {
  if (listing.subfolders === false) return
  try {
    await collect(folder, files, listing)
  } catch (thrown) {
    if (!(thrown instanceof SegscopeError) || listing.onUnreadable === undefined) throw thrown
    listing.onUnreadable(thrown)
  }
}
