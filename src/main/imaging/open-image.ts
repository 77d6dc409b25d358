import { stat } from 'node:fs/promises'
import type { ImageInfo, ImageSource } from '../../model/images/image-source.ts'
import { splitAddress, splitPage } from '../../preload/contract/image-address.ts'
import { folderFormat, formats } from './formats.ts'
import { openFrames } from './frames/open-frames.ts'
import { notAnImage } from './image-errors.ts'
import { PageSource } from './page-source.ts'
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
 *   `image-too-large`, `axes-do-not-fit`, `image-not-in-file` or `page-not-in-image`
 */
export async function openImage(address: string): Promise<ImageSource> {
  const { path, selection } = splitAddress(address)
  if (selection.page !== undefined) {
    const { image, page } = splitPage(address)
    return await openPage(image, address, page)
  }
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

async function openPage(image: string, address: string, page: number): Promise<ImageSource> {
  const whole = await openImage(image)
  try {
    return new PageSource(whole, address, page)
  } catch (error) {
    await whole.close()
    throw error
  }
}

/**
 * Opens an image, and tells of a page what the whole stack is.
 * @throws SegscopeError as `openImage`
 */
export async function openWithStack(address: string): Promise<{ source: ImageSource; stack: ImageInfo }> {
  const { image, page } = splitPage(address)
  const whole = await openImage(image)
  const stack = whole.info
  return { source: page === 0 ? whole : new PageSource(whole, address, page), stack }
}
