import { lstat, realpath } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path'
import { SegscopeError } from '../../model/errors.ts'
import { fileOf } from '../../preload/contract/image-address.ts'
import { explainReadError } from './folder-error.ts'

interface ServedFolder {
  /** As it was given, absolute. */
  path: string
  /** Without symbolic links. */
  real: string
}

/**
 * The folders that a door shows to pages which are not at this computer, and the check that no path of a page leads out of
 * them. (A link inside them may lead anywhere else inside them.)
 */
export class ServedFolders {
  readonly #folders: readonly ServedFolder[]

  private constructor(folders: readonly ServedFolder[]) {
    this.#folders = folders
  }

  /**
   * @param paths absolute; one that lies within another is dropped
   * @throws SegscopeError `folder-unreadable`
   */
  static async open(paths: readonly string[]): Promise<ServedFolders> {
    const folders = await Promise.all(
      paths.map(async (path) => {
        try {
          return { path, real: await realpath(path) }
        } catch (thrown) {
          throw explainReadError(thrown, path)
        }
      }),
    )
    return new ServedFolders(
      folders.filter(
        ({ real }, index) =>
          !folders.some(
            (other, at) => at !== index && contains(other.real, real) && (other.real !== real || at < index),
          ),
      ),
    )
  }

  get paths(): string[] {
    return this.#folders.map(({ path }) => path)
  }

  /** Whether this is one of the folders themselves, from which there is no way up. */
  isRoot(path: string): boolean {
    return this.#folders.some((folder) => isSame(folder.path, path) || isSame(folder.real, path))
  }

  /** As `check`, for a path that is no page's wish. */
  async serves(path: string): Promise<boolean> {
    try {
      await this.check(path)
      return true
    } catch (thrown) {
      if (thrown instanceof SegscopeError) return false
      throw thrown
    }
  }

  /**
   * Passes where the path, of something that is there or is to be made, is in one of the folders, also after every symbolic
   * link on its way. Of what is outside, nothing is looked at.
   * @throws SegscopeError `path-not-served`; `folder-unreadable` where it cannot be followed
   */
  async check(address: string): Promise<void> {
    // What follows an image's path does not keep its links from being followed.
    const path = fileOf(address)
    const written = this.#folders.some(
      ({ path: folder, real }) => contains(folder, path) || contains(real, path),
    )
    if (!written || climbs(path)) throw this.#refusal(path)
    const real = await resolveLinks(path)
    if (real === undefined || !this.#folders.some((folder) => contains(folder.real, real)))
      throw this.#refusal(path)
  }

  #refusal(path: string): SegscopeError {
    return new SegscopeError(
      'path-not-served',
      'This is outside of the folders that Segscope was started with.',
      {
        file: path,
        remedy: `Choose one in ${this.paths.join(' or ')}, or start "segscope serve" with --folder for others.`,
      },
    )
  }
}

/** `..` in a path means one thing before links are followed and another after: no page needs it. */
function climbs(path: string): boolean {
  return path.split(/[/\\]/).includes('..')
}

/** Also true of the folder itself. On Windows, letters count alike in both cases, and another drive is outside. */
function contains(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return isAbsolute(path) && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

function isSame(one: string, other: string): boolean {
  return relative(one, other) === ''
}

/** Where a path leads when its links are followed, as far as it is there; undefined where that cannot be told. */
async function resolveLinks(path: string): Promise<string | undefined> {
  try {
    return await realpath(path)
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    // A circle of links leads nowhere; through a link to what is not there, something could be made outside.
    if (code === 'ELOOP' || (code === 'ENOENT' && (await isThere(path)))) return undefined
    if (code !== 'ENOENT' || dirname(path) === path) throw explainReadError(thrown, path)
    const parent = await resolveLinks(dirname(path))
    return parent === undefined ? undefined : join(parent, basename(path))
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw thrown
  }
}
