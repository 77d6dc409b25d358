import sharp from 'sharp'
import { Compression, Photometric } from './tags.ts'
import { chunkChannels, type PageLayout } from './page-layout.ts'

/**
 * Decodes a strip or tile that is a JPEG or WebP picture of its own.
 * @returns interleaved `[rows, chunkWidth, chunkChannels]`
 * @throws Error where the data are not such a picture, or of another size
 */
export async function decodePicture(
  bytes: Uint8Array,
  layout: PageLayout,
  rows: number,
): Promise<Uint8Array> {
  const picture = layout.compression === Compression.jpeg ? completeJpeg(bytes, layout) : bytes
  const channels = chunkChannels(layout)
  const space = { 1: 'b-w', 3: 'srgb', 4: layout.photometric === Photometric.separated ? 'cmyk' : 'srgb' }[
    channels
  ]
  if (space === undefined) throw new Error(`a picture of ${String(channels)} channels`)
  const { data, info } = await sharp(picture, {
    failOn: 'error',
    limitInputPixels: layout.chunkWidth * layout.chunkHeight,
    ignoreIcc: true,
  })
    .pipelineColourspace(space)
    .toColourspace(space)
    .raw()
    .toBuffer({ resolveWithObject: true })
  if (info.width !== layout.chunkWidth || info.height < rows || info.channels !== channels) {
    throw new Error(
      `it holds ${String(info.width)}x${String(info.height)} pixels of ${String(info.channels)} channels instead of ${String(layout.chunkWidth)}x${String(rows)} of ${String(channels)}`,
    )
  }
  const samples = new Uint8Array(data).subarray(0, rows * layout.chunkWidth * channels)
  if (space === 'cmyk') invert(samples)
  return samples
}

/** With Adobe's segment, libvips takes CMYK for inverted, as Photoshop writes it; TIFF's is not. */
function invert(samples: Uint8Array): void {
  for (let index = 0; index < samples.length; index++) samples[index] = 255 - (samples[index] as number)
}

/** Adobe's APP14 segment, its last byte the colour transform: 0 for none, 1 for YCbCr. */
const adobeSegment = [0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0]

/**
 * An abbreviated JPEG (TIFF technical note 2) made whole: the tables that all strips share put before its own
 * segments, and the colours named, which TIFF keeps in its own tag and decoders would guess.
 */
function completeJpeg(bytes: Uint8Array, layout: PageLayout): Uint8Array {
  const isColour = chunkChannels(layout) >= 3
  const transform = layout.photometric === Photometric.yCbCr ? 1 : 0
  // The tables are a JPEG without a picture: start marker, tables, end marker.
  const tables = layout.jpegTables?.subarray(2, -2) ?? []
  return Uint8Array.from([
    0xff,
    0xd8,
    ...(isColour ? [...adobeSegment, transform] : []),
    ...tables,
    ...bytes.subarray(2),
  ])
}
