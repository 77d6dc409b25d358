import { existsSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileOf } from '../../preload/contract/image-address.ts'

/**
 * Tells whether a path is the file of one of the images, also by another name of its folder or by a link.
 * @param images absolute addresses
 */
export async function knowImages(images: readonly string[]): Promise<(path: string) => Promise<boolean>> {
  const paths = images.map(fileOf)
  const folders = new Map<string, string>()
  for (const folder of new Set(paths.map((path) => dirname(path))))
    folders.set(folder, await realPath(folder))
  const real = new Set(paths.map((path) => join(folders.get(dirname(path)) as string, basename(path))))
  return async (path) =>
    existsSync(path) &&
    (real.has(join(await realPath(dirname(path)), basename(path))) || real.has(await realPath(path)))
}

/** What is not there has no other name. */
async function realPath(path: string): Promise<string> {
  return await realpath(path).catch(() => path)
}
