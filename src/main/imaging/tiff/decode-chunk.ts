import type { Samples } from '../../../model/images/image-source.ts'
import { damagedImage, reasonOf, truncatedImage, unsupportedImage } from '../image-errors.ts'
import { decodeJpeg2000, jpeg2000SampleType, readJpeg2000Header } from '../jpeg-2000.ts'
import { MAXIMUM_JPEG_2000_SAMPLES } from '../limits.ts'
import type { RandomAccessFile } from '../random-access-file.ts'
import { createSamples } from '../regions.ts'
import { findCompression, isFax, isJpeg2000, isPicture } from './decompress.ts'
import { decodePicture } from './decode-picture.ts'
import { chunkBytes, chunkChannels, chunkRows, isSparse, type PageLayout } from './page-layout.ts'
import { Compression, compressionName } from './tags.ts'
import { unpackSamples } from './unpack-samples.ts'
import { yCbCrToRgb } from './ycbcr.ts'

/** @throws SegscopeError `image-unsupported` or `image-damaged` where no pixel of the page could be decoded */
export function checkDecodable(file: string, layout: PageLayout): void {
  const { compression, bitsPerSample: bits, predictor } = layout
  if (isPicture(compression) && (bits !== 8 || layout.sampleFormat !== 'unsigned')) {
    throw unsupportedImage(file, `it holds ${compressionName(compression)} data of ${String(bits)} bits`)
  }
  if (isFax(compression) && (bits !== 1 || layout.storedChannels !== 1)) {
    throw damagedImage(file, `it holds ${compressionName(compression)} data of more than one bit a pixel`)
  }
  if (layout.yCbCr !== undefined) {
    if (bits !== 8 || layout.planar || layout.storedChannels !== 3) {
      throw unsupportedImage(
        file,
        `its YCbCr samples are of ${String(bits)} bits, in planes or with further channels`,
      )
    }
    if (!layout.yCbCr.subsampling.every((factor) => [1, 2, 4].includes(factor))) {
      throw damagedImage(file, 'its YCbCr subsampling is not 1, 2 or 4')
    }
  }
  if (hasPredictor(layout) && !isPredictable(layout)) {
    throw unsupportedImage(
      file,
      `it uses predictor ${String(predictor)} on ${layout.sampleFormat} samples of ${String(bits)} bits`,
    )
  }
}

/**
 * Reads and decodes one strip or tile.
 * @param index its place in the layout's chunk table
 * @returns interleaved `[rows, chunkWidth, chunkChannels]`; `rows` as `chunkRows` says
 */
export async function decodeChunk(
  file: RandomAccessFile,
  layout: PageLayout,
  index: number,
): Promise<Samples> {
  const rows = chunkRows(layout, Math.floor(index / layout.chunksAcross) % layout.chunksDown)
  const name = `${layout.tiled ? 'tile' : 'strip'} ${String(index + 1)} of ${String(layout.offsets.length)}`
  if (isSparse(layout, index)) {
    return createSamples(layout.sampleType, rows * layout.chunkWidth * chunkChannels(layout))
  }
  const stored = await file.read(layout.offsets[index] as number, layout.byteCounts[index] as number, name)
  if (layout.reversedBits) reverseBits(stored)
  const decompress = findCompression(layout.compression)
  if (decompress === undefined) {
    return decodeSamples(stored, layout, rows).catch((error: unknown) => {
      throw damagedImage(file.path, `${name} cannot be decoded (${reasonOf(error)})`, error)
    })
  }
  const needed = chunkBytes(layout, rows)
  let bytes: Uint8Array
  try {
    // Some writers fill the last strip up to the height of the others.
    bytes = await decompress(stored, chunkBytes(layout))
  } catch (error) {
    throw damagedImage(file.path, `${name} cannot be decompressed (${reasonOf(error)})`, error)
  }
  if (bytes.length < needed) {
    throw truncatedImage(file.path, `${name} decodes to ${String(bytes.length)} of ${String(needed)} bytes`)
  }
  const pixels = new Uint8Array(bytes.buffer as ArrayBuffer, bytes.byteOffset, needed)
  if (layout.yCbCr !== undefined) return yCbCrToRgb(pixels, layout.chunkWidth, rows, layout.yCbCr)
  return unpackSamples(pixels, hasPredictor(layout) ? layout : { ...layout, predictor: 1 }, rows)
}

async function decodeSamples(bytes: Uint8Array, layout: PageLayout, rows: number): Promise<Samples> {
  if (isJpeg2000(layout.compression)) return await decodeJpeg2000Chunk(bytes, layout, rows)
  if (layout.compression === Compression.lerc)
    return await (await import('./decode-lerc.ts')).decodeLerc(bytes, layout, rows)
  return await decodePicture(bytes, layout, rows)
}

/** @throws Error where the data are not such a picture, or of another size or type */
async function decodeJpeg2000Chunk(bytes: Uint8Array, layout: PageLayout, rows: number): Promise<Samples> {
  const header = readJpeg2000Header(bytes)
  if (header === undefined) throw new Error('it is no JPEG 2000')
  const { width, height, channels } = header
  const type = jpeg2000SampleType(header)
  if (
    width !== layout.chunkWidth ||
    height < rows ||
    height > layout.chunkHeight ||
    channels !== chunkChannels(layout) ||
    type !== layout.sampleType ||
    width * height * channels > MAXIMUM_JPEG_2000_SAMPLES
  ) {
    throw new Error(
      `it holds ${String(width)}x${String(height)} pixels of ${String(channels)} channels of ${type}`,
    )
  }
  return (await decodeJpeg2000(bytes, header)).subarray(0, rows * width * channels)
}

/** libtiff knows predictors with LZW, Deflate and ZSTD alone; elsewhere the tag is a left-over. */
function hasPredictor({ compression, predictor }: PageLayout): boolean {
  const { lzw, deflate, oldDeflate, zstd } = Compression
  return predictor !== 1 && [lzw, deflate, oldDeflate, zstd].some((known) => known === compression)
}

function isPredictable({ predictor, bitsPerSample: bits, sampleFormat, yCbCr }: PageLayout): boolean {
  if (yCbCr !== undefined) return false
  if (predictor === 2) return [8, 16, 32, 64].includes(bits)
  return predictor === 3 && sampleFormat === 'float'
}

const reversed = Uint8Array.from({ length: 256 }, (_, byte) => {
  let mirrored = 0
  for (let bit = 0; bit < 8; bit++) mirrored |= ((byte >> bit) & 1) << (7 - bit)
  return mirrored
})

function reverseBits(bytes: Uint8Array): void {
  for (let index = 0; index < bytes.length; index++) bytes[index] = reversed[bytes[index] as number] as number
}
