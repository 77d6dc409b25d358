import type { ImageInfo, ImageSource, Raster } from '../../model/images/image-source.ts'
import { damagedImage, oversizedImage, reasonOf, unsupportedImage } from './image-errors.ts'
import { decodeJpeg2000, type Jpeg2000Header, jpeg2000SampleType, readJpeg2000Header } from './jpeg-2000.ts'
import { MAXIMUM_DECODED_BYTES, MAXIMUM_JPEG_2000_SAMPLES } from './limits.ts'
import type { RandomAccessFile } from './random-access-file.ts'
import { toPlanar } from './regions.ts'
import { WholeImageSource } from './whole-image-source.ts'

const HEADER_BYTES = 2 ** 20

/**
 * A JPEG 2000: a JP2 file or a bare codestream, grey or of several channels, up to 16 bits; a fourth channel is alpha, and
 * dropped.
 * @throws SegscopeError `image-damaged`, `image-unsupported`, `image-too-large`
 */
export async function openJpeg2000(file: RandomAccessFile): Promise<ImageSource> {
  const header = headerOf(file.path, await file.read(0, Math.min(file.size, HEADER_BYTES), 'the header'))
  const { width, height, bits } = header
  if (width * height * header.channels > MAXIMUM_JPEG_2000_SAMPLES) {
    throw oversizedImage(
      file.path,
      `its ${String(width)}x${String(height)} pixels of ${String(header.channels)} channels are more than a JPEG 2000 may have here`,
    )
  }
  const channels = header.channels === 4 ? 3 : header.channels
  const info: ImageInfo = {
    width,
    height,
    channels,
    pages: 1,
    sampleType: jpeg2000SampleType(header),
    bitsPerSample: bits,
    pixelSize: undefined,
    format: 'JPEG 2000',
    isReadWhole: true,
  }
  return new WholeImageSource(file, info, () => decode(file, header, channels))
}

function headerOf(path: string, bytes: Uint8Array): Jpeg2000Header {
  let header: Jpeg2000Header | undefined
  try {
    header = readJpeg2000Header(bytes)
  } catch (error) {
    throw unsupportedImage(path, reasonOf(error))
  }
  if (header === undefined || !(header.width >= 1 && header.height >= 1))
    throw damagedImage(path, 'it holds no JPEG 2000 picture')
  return header
}

async function decode(file: RandomAccessFile, header: Jpeg2000Header, channels: number): Promise<Raster> {
  const { width, height } = header
  if (file.size > MAXIMUM_DECODED_BYTES)
    throw oversizedImage(file.path, `the file has ${String(file.size)} bytes`)
  const bytes = await file.read(0, file.size, 'the image')
  try {
    const samples = await decodeJpeg2000(bytes, header)
    return { samples: toPlanar(samples, header.channels, channels), channels, width, height }
  } catch (error) {
    throw damagedImage(file.path, `its JPEG 2000 data cannot be decoded (${reasonOf(error)})`, error)
  }
}
