import type { Dirent } from 'node:fs'
import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { SegscopeError } from '../../model/errors.ts'
import type { FolderEntry } from '../../preload/contract/folders.ts'
import { folderFormat } from '../imaging/formats.ts'
import { compareNaturally, hasImageName } from '../imaging/list-images.ts'
import { explainFolderError, explainReadError } from './folder-error.ts'
import { isProjectFolder } from './project.ts'

/** What Windows refuses in names, so that a project can move there, and what would lead elsewhere. */
const unusableInNames = /[<>:"/\\|?*\p{Cc}]|^\.|[. ]$/u

/**
 * What is in a folder, for a person who looks for images or a project: no hidden files, folders first, in natural order.
 * @param mayFollow whether a symbolic link there is shown, as what it leads to
 * @throws SegscopeError `folder-unreadable`
 */
export async function listFolder(
  folder: string,
  mayFollow: (link: string) => Promise<boolean>,
): Promise<FolderEntry[]> {
  let found: Dirent[]
  try {
    found = await readdir(folder, { withFileTypes: true })
  } catch (thrown) {
    throw explainReadError(thrown, folder)
  }
  const shown: FolderEntry[] = []
  for (const entry of found) {
    if (entry.name.startsWith('.')) continue
    const path = join(folder, entry.name)
    const target = entry.isSymbolicLink() ? await follow(path, mayFollow) : entry
    const isImage = target?.isDirectory() === true && folderFormat(entry.name) !== undefined
    if (target?.isDirectory() && !isImage) shown.push(describeFolder(path, entry.name))
    else if (isImage || target?.isFile()) {
      shown.push({
        name: entry.name,
        path,
        kind: hasImageName(entry.name) ? 'image' : 'file',
        project: false,
      })
    }
  }
  return shown.sort(
    (one, other) =>
      Number(other.kind === 'folder') - Number(one.kind === 'folder') ||
      compareNaturally(one.name, other.name),
  )
}

export function describeFolder(path: string, name: string): FolderEntry {
  return { name, path, kind: 'folder', project: isProjectFolder(path) }
}

/**
 * @throws SegscopeError `name-unusable`, `folder-exists`, `folder-unreadable` where the outer folder is not there;
 *   `folder-not-writable`, `disk-full`
 */
export async function makeFolder(folder: string, name: string): Promise<FolderEntry> {
  if (unusableInNames.test(name)) {
    throw new SegscopeError('name-unusable', `A folder cannot be called "${name}" on every computer.`, {
      remedy: 'Leave out < > : " / \\ | ? * and dots at either end.',
    })
  }
  const path = join(folder, name)
  try {
    await mkdir(path)
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    if (code === 'EEXIST') {
      throw new SegscopeError('folder-exists', 'There is a folder or file of this name already.', {
        file: path,
        remedy: 'Choose another name.',
        cause: thrown,
      })
    }
    const isOuterMissing = code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG'
    throw isOuterMissing ? explainReadError(thrown, folder) : explainFolderError(thrown, folder)
  }
  return describeFolder(path, name)
}

/** Undefined for a link to nowhere, or to what may not be shown. */
async function follow(
  link: string,
  mayFollow: (link: string) => Promise<boolean>,
): Promise<{ isDirectory(): boolean; isFile(): boolean } | undefined> {
  if (!(await mayFollow(link))) return undefined
  try {
    return await stat(link)
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw explainReadError(thrown, link)
  }
}
