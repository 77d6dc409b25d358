import sharp from 'sharp'
import type { ImageInfo, ImageSource, Raster } from '../../model/images/image-source.ts'
import { damagedImage, oversizedImage, reasonOf, truncatedImage, unsupportedImage } from './image-errors.ts'
import { JPEG_EXPANSION, MAXIMUM_DECODED_BYTES } from './limits.ts'
import type { RandomAccessFile } from './random-access-file.ts'
import { toPlanar } from './regions.ts'
import { WholeImageSource } from './whole-image-source.ts'

/** Enough for any sensible Exif and ICC segments before the frame header. */
const HEADER_BYTES = 16 * 2 ** 20

/**
 * A JPEG: 8-bit, grey or RGB. Its density is a hint for printing, not a measured pixel size, and is left out;
 * neither its orientation nor its colour profile is applied.
 */
export async function openJpeg(file: RandomAccessFile): Promise<ImageSource> {
  const frame = findFrame(file.path, await file.read(0, Math.min(file.size, HEADER_BYTES), 'the header'))
  if (frame.bits !== 8) throw unsupportedImage(file.path, `it is a ${String(frame.bits)}-bit JPEG`)
  if (frame.components !== 1 && frame.components !== 3) {
    throw unsupportedImage(file.path, `it is a JPEG of ${String(frame.components)} components`)
  }
  const { width, height, components } = frame
  if (file.size * JPEG_EXPANSION < width * height * components) {
    throw truncatedImage(
      file.path,
      `its ${String(file.size)} bytes are too few for the ${String(width)}x${String(height)} pixels that it declares`,
    )
  }
  const info: ImageInfo = {
    width,
    height,
    channels: components,
    pages: 1,
    sampleType: 'uint8',
    bitsPerSample: 8,
    pixelSize: undefined,
    format: 'JPEG',
    isReadWhole: true,
  }
  return new WholeImageSource(file, info, () => decode(file, info))
}

async function decode(file: RandomAccessFile, info: ImageInfo): Promise<Raster> {
  const { width, height, channels } = info
  if (file.size > MAXIMUM_DECODED_BYTES)
    throw oversizedImage(file.path, `the file has ${String(file.size)} bytes`)
  const bytes = await file.read(0, file.size, 'the image')
  try {
    const { data, info: decoded } = await sharp(bytes, {
      failOn: 'error',
      limitInputPixels: width * height,
      ignoreIcc: true,
    })
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw()
      .toBuffer({ resolveWithObject: true })
    if (decoded.width !== width || decoded.height !== height || decoded.channels !== channels) {
      throw new Error('the decoded size differs from the declared one')
    }
    return { samples: toPlanar(new Uint8Array(data), channels, channels), channels, width, height }
  } catch (error) {
    throw damagedImage(file.path, `its JPEG data cannot be decoded (${reasonOf(error)})`, error)
  }
}

interface Frame {
  bits: number
  width: number
  height: number
  components: number
}

/** The frame header (SOF0 to SOF15, ITU-T T.81 B.2.2), found by walking the segments. */
function findFrame(path: string, bytes: Uint8Array): Frame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let offset = 2
  while (offset + 10 <= bytes.length) {
    if (bytes[offset] !== 0xff) throw damagedImage(path, 'its JPEG segments do not follow one another')
    const marker = view.getUint8(offset + 1)
    if (marker === 0xff) {
      offset += 1
      continue
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isFrame) {
      const frame = {
        bits: view.getUint8(offset + 4),
        height: view.getUint16(offset + 5),
        width: view.getUint16(offset + 7),
        components: view.getUint8(offset + 9),
      }
      if (frame.width === 0 || frame.height === 0) throw damagedImage(path, 'its JPEG frame has no size')
      return frame
    }
    if (marker === 0xd9 || marker === 0xda) break
    offset += 2 + view.getUint16(offset + 2)
  }
  throw damagedImage(path, 'it has no JPEG frame header')
}
