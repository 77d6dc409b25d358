import { stat } from 'node:fs/promises'
import type { ImageSource } from '../../model/images/image-source.ts'
import { splitAddress } from '../../preload/contract/image-address.ts'
import { folderFormat, formats } from './formats.ts'
import { openFrames } from './frames/open-frames.ts'
import { notAnImage } from './image-errors.ts'
import { RandomAccessFile } from './random-access-file.ts'

/** What cannot be looked at is no folder: opening it as a file says why. */
async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

/**
 * Opens an image. The first bytes decide on the format, not the file's extension.
 * @param address a path, followed where need be by what is opened in it: see `src/preload/contract/image-address.ts`
 * @throws SegscopeError `file-unreadable`, `not-an-image`, `image-truncated`, `image-damaged`, `image-unsupported`,
 *   `image-too-large`, `axes-do-not-fit` or `image-not-in-file`
 */
export async function openImage(address: string): Promise<ImageSource> {
  const { path, selection } = splitAddress(address)
  if (selection.frames !== undefined) return await openFrames(path, selection, openImage)
  const openFolder = folderFormat(path)?.openFolder
  if (openFolder !== undefined && (await isFolder(path))) return await openFolder(path, selection)
  const file = await RandomAccessFile.open(path)
  try {
    if (file.size === 0) throw notAnImage(path, 'it is empty')
    const start = await file.read(0, Math.min(file.size, 8), 'the signature')
    const format = formats.find(({ signatures }) =>
      signatures.some((signature) => signature.every((byte, index) => start[index] === byte)),
    )
    if (format === undefined) throw notAnImage(path, 'its first bytes are those of no known format')
    return await format.open(file, selection)
  } catch (error) {
    await file.close()
    throw error
  }
}
