import type { ImageInfo, ImageSource, PixelSize } from '../../../model/images/image-source.ts'
import { damagedImage, truncatedImage } from '../image-errors.ts'
import { pixelSizeFromResolution } from '../pixel-size.ts'
import type { RandomAccessFile } from '../random-access-file.ts'
import { WholeImageSource } from '../whole-image-source.ts'
import { decodePng } from './decode-png.ts'
import type { PngChunk, PngHeader } from './png-structure.ts'

/** Stored samples, kept samples and the allowed bit depths of each colour type (PNG specification 11.2.2, table 11.1). */
const colourTypes: Record<number, { stored: number; kept: number; depths: number[] }> = {
  0: { stored: 1, kept: 1, depths: [1, 2, 4, 8, 16] },
  2: { stored: 3, kept: 3, depths: [8, 16] },
  3: { stored: 1, kept: 1, depths: [1, 2, 4, 8] },
  4: { stored: 2, kept: 1, depths: [8, 16] },
  6: { stored: 4, kept: 3, depths: [8, 16] },
}

/** A file of more chunks than this is not made by any program that writes pictures. */
const MAXIMUM_CHUNKS = 100_000

/**
 * A PNG of any colour type and bit depth. Values are as stored: a palette's index is the value, because label maps
 * are kept that way and a microscope's palette is only how the picture is shown; no gamma or colour profile is applied.
 */
export async function openPng(file: RandomAccessFile): Promise<ImageSource> {
  const chunks = await listChunks(file)
  const header = await readHeader(file, chunks)
  const info: ImageInfo = {
    width: header.width,
    height: header.height,
    channels: header.channels,
    pages: 1,
    sampleType: header.bitDepth === 16 ? 'uint16' : 'uint8',
    bitsPerSample: header.bitDepth,
    pixelSize: await readPixelSize(file, chunks),
    format: 'PNG',
    isReadWhole: true,
  }
  const data = chunks.filter(({ type }) => type === 'IDAT')
  return new WholeImageSource(file, info, () => decodePng(file, header, data))
}

async function listChunks(file: RandomAccessFile): Promise<PngChunk[]> {
  const chunks: PngChunk[] = []
  let offset = 8
  while (chunks.at(-1)?.type !== 'IEND') {
    if (offset + 12 > file.size) throw truncatedImage(file.path, 'the end of the PNG is missing')
    if (chunks.length === MAXIMUM_CHUNKS) throw damagedImage(file.path, 'it has too many PNG chunks')
    const head = await file.read(offset, 8, 'a PNG chunk')
    const length = new DataView(head.buffer).getUint32(0)
    const type = String.fromCharCode(...head.subarray(4))
    if (offset + 12 + length > file.size) {
      throw truncatedImage(file.path, `the PNG chunk ${JSON.stringify(type)} ends beyond the file`)
    }
    chunks.push({ type, offset: offset + 8, length })
    offset += 12 + length
  }
  return chunks
}

async function readHeader(file: RandomAccessFile, chunks: PngChunk[]): Promise<PngHeader> {
  const chunk = chunks[0]
  if (chunk?.type !== 'IHDR' || chunk.length !== 13)
    throw damagedImage(file.path, 'it does not begin with a PNG header')
  const view = new DataView((await file.read(chunk.offset, 13, 'the PNG header')).buffer)
  const [width, height] = [view.getUint32(0), view.getUint32(4)]
  const [bitDepth, colourType, compression, filter, interlace] = [8, 9, 10, 11, 12].map((at) =>
    view.getUint8(at),
  ) as [number, number, number, number, number]
  const kind = colourTypes[colourType]
  if (kind?.depths.includes(bitDepth) !== true || compression !== 0 || filter !== 0 || interlace > 1) {
    throw damagedImage(file.path, 'its PNG header holds values that do not exist')
  }
  if (width === 0 || height === 0) throw damagedImage(file.path, 'its PNG header gives no size')
  return {
    width,
    height,
    bitDepth,
    storedChannels: kind.stored,
    channels: kind.kept,
    interlaced: interlace === 1,
  }
}

/** pHYs in pixels a metre; the resolutions of screens and printers say nothing of a specimen. */
async function readPixelSize(file: RandomAccessFile, chunks: PngChunk[]): Promise<PixelSize | undefined> {
  const chunk = chunks.find(({ type }) => type === 'pHYs')
  if (chunk?.length !== 9) return undefined
  const view = new DataView((await file.read(chunk.offset, 9, 'the PNG pixel size')).buffer)
  if (view.getUint8(8) !== 1) return undefined
  return pixelSizeFromResolution(1e6 / view.getUint32(0), 1e6 / view.getUint32(4))
}
