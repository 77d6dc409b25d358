import type { ImageSource } from '../../model/images/image-source.ts'
import { splitAddress } from '../../preload/contract/image-address.ts'
import { formats } from './formats.ts'
import { notAnImage } from './image-errors.ts'
import { RandomAccessFile } from './random-access-file.ts'

/**
 * Opens an image. The first bytes decide on the format, not the file's extension.
 * @param address a path, followed where need be by what is opened in it: see `src/preload/contract/image-address.ts`
 * @throws SegscopeError `file-unreadable`, `not-an-image`, `image-truncated`, `image-damaged`, `image-unsupported`,
 *   `image-too-large`, `axes-do-not-fit` or `image-not-in-file`
 */
export async function openImage(address: string): Promise<ImageSource> {
  const { path, selection } = splitAddress(address)
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
