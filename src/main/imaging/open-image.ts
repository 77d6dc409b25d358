import type { ImageSource } from '../../model/images/image-source.ts'
import { notAnImage } from './image-errors.ts'
import { openJpeg } from './jpeg.ts'
import { openPng } from './png/open-png.ts'
import { RandomAccessFile } from './random-access-file.ts'
import { openTiff } from './tiff/open-tiff.ts'

interface Format {
  /** The first bytes of every file of the format; any one of them. */
  signatures: number[][]
  /** Takes the file over: closes it, or returns a source whose `close` does. */
  open: (file: RandomAccessFile) => Promise<ImageSource>
}

const formats: Format[] = [
  {
    signatures: [
      [0x49, 0x49, 42, 0],
      [0x4d, 0x4d, 0, 42],
      [0x49, 0x49, 43, 0],
      [0x4d, 0x4d, 0, 43],
    ],
    open: openTiff,
  },
  { signatures: [[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]], open: openPng },
  { signatures: [[0xff, 0xd8, 0xff]], open: openJpeg },
]

/**
 * Opens an image. The first bytes decide on the format, not the file's extension.
 * @throws SegscopeError `file-unreadable`, `not-an-image`, `image-truncated`, `image-damaged`, `image-unsupported`
 *   or `image-too-large`
 */
export async function openImage(path: string): Promise<ImageSource> {
  const file = await RandomAccessFile.open(path)
  try {
    if (file.size === 0) throw notAnImage(path, 'it is empty')
    const start = await file.read(0, Math.min(file.size, 8), 'the signature')
    const format = formats.find(({ signatures }) =>
      signatures.some((signature) => signature.every((byte, index) => start[index] === byte)),
    )
    if (format === undefined) throw notAnImage(path, 'its first bytes are those of no known format')
    return await format.open(file)
  } catch (error) {
    await file.close()
    throw error
  }
}
