import { damagedImage, oversizedImage, truncatedImage, unsupportedImage } from '../image-errors.ts'
import { MAXIMUM_DECODED_BYTES } from '../limits.ts'
import type { RandomAccessFile } from '../random-access-file.ts'
import { createSamples } from '../regions.ts'
import { greatestExpansion, isFax, isJpeg2000, isReadable } from './decompress.ts'
import type { TiffDirectory } from './directory.ts'
import { readPageShape, type PageShape } from './page-shape.ts'
import { Compression, compressionName, Photometric, Tag } from './tags.ts'

/** How a page's samples lie in the file: a grid of chunks (strips or tiles), one grid a channel where planes are apart. */
export interface PageLayout extends PageShape {
  littleEndian: boolean
  compression: number
  predictor: number
  /** The first pixel is in the lowest bits of a byte. */
  reversedBits: boolean
  /** Each channel in chunks of its own. */
  planar: boolean
  tiled: boolean
  chunkWidth: number
  chunkHeight: number
  chunksAcross: number
  chunksDown: number
  /** Where each chunk is, in bytes: row by row of chunks, plane by plane. */
  offsets: Float64Array
  byteCounts: Float64Array
  jpegTables: Uint8Array | undefined
  /** What LERC's data are packed by once more: 0 nothing, 1 Deflate, 2 ZSTD. */
  lercPacking: number
  /** Set where Y, Cb and Cr are stored, to be turned into RGB. */
  yCbCr: YCbCrCoding | undefined
}

/** TIFF 6.0 section 21. */
export interface YCbCrCoding {
  /** Y samples for each Cb and Cr sample, across and down. */
  subsampling: [number, number]
  /** The shares of red, green and blue in Y. */
  luma: Float64Array
  /** The codes of black and white for Y, Cb and Cr in turn. */
  referenceBlackWhite: Float64Array
}

/** Uncompressed strips are cut to bands of about this size, so that a region of a page in one strip is read alone. */
const BAND_BYTES = 2 ** 20

/** JPEG tables are a few hundred bytes. */
const MAXIMUM_TABLE_BYTES = 2 ** 20

/** The chunk tables of more would take over 256 MiB. */
const MAXIMUM_CHUNKS = 2 ** 24

/** CCIR 601, TIFF's default. */
const defaultLuma = Float64Array.of(0.299, 0.587, 0.114)

/**
 * Reads a page's layout and checks every declared size against the file's, before any pixel is read.
 * @throws SegscopeError `image-damaged`, `image-truncated`, `image-unsupported` or `image-too-large`
 */
export async function readPageLayout(file: RandomAccessFile, directory: TiffDirectory): Promise<PageLayout> {
  const shape = await readPageShape(file.path, directory)
  const compression = await directory.number(Tag.compression, Compression.none)
  if (!isReadable(compression)) {
    throw unsupportedImage(file.path, `its compression is ${compressionName(compression)}`)
  }
  const planar = shape.storedChannels > 1 && (await directory.number(Tag.planarConfiguration, 1)) === 2
  const tiled = directory.has(Tag.tileWidth)
  const rowsPerStrip = (await directory.number(Tag.rowsPerStrip, 0)) || shape.height
  const chunkWidth = tiled ? await directory.number(Tag.tileWidth, 0) : shape.width
  const chunkHeight = tiled ? await directory.number(Tag.tileLength, 0) : Math.min(rowsPerStrip, shape.height)
  if (!(chunkWidth >= 1 && chunkHeight >= 1)) throw damagedImage(file.path, 'its tiles have no size')

  const yCbCr =
    shape.photometric === Photometric.yCbCr && compression !== Compression.jpeg && !isJpeg2000(compression)
      ? await readYCbCr(directory)
      : undefined
  const layout: PageLayout = {
    ...shape,
    littleEndian: directory.littleEndian,
    compression,
    predictor: await directory.number(Tag.predictor, 1),
    reversedBits: (await directory.number(Tag.fillOrder, 1)) === 2,
    planar,
    tiled,
    chunkWidth,
    chunkHeight,
    chunksAcross: Math.ceil(shape.width / chunkWidth),
    chunksDown: Math.ceil(shape.height / chunkHeight),
    offsets: new Float64Array(0),
    byteCounts: new Float64Array(0),
    jpegTables: await directory.bytes(Tag.jpegTables, MAXIMUM_TABLE_BYTES),
    lercPacking: (await directory.numbers(Tag.lercParameters))[1] ?? 0,
    yCbCr,
  }
  await readChunkTable(file, directory, layout)
  checkDeclaredSize(file, layout)
  if (compression === Compression.none && !tiled && yCbCr === undefined && !layout.offsets.includes(0)) {
    cutStrips(layout)
  }
  if (isFax(compression)) {
    // The fax decoder takes whole pages.
    Object.assign(layout, {
      tiled: false,
      chunkHeight: shape.height,
      chunksDown: 1,
      chunkWidth: shape.width,
      chunksAcross: 1,
    })
  }
  const decoded =
    layout.chunkWidth *
    layout.chunkHeight *
    chunkChannels(layout) *
    createSamples(shape.sampleType, 0).BYTES_PER_ELEMENT
  if (decoded > MAXIMUM_DECODED_BYTES) {
    const kind = tiled ? 'tile' : 'strip'
    throw oversizedImage(file.path, `one ${kind} decodes to ${String(Math.ceil(decoded / 2 ** 20))} MiB`)
  }
  return layout
}

/** Samples of one pixel within a chunk. */
export function chunkChannels(layout: PageLayout): number {
  return layout.planar ? 1 : layout.storedChannels
}

/** Bytes of one decompressed row of a chunk; rows begin on whole bytes. */
export function chunkRowBytes(layout: PageLayout): number {
  return Math.ceil((layout.chunkWidth * chunkChannels(layout) * layout.bitsPerSample) / 8)
}

/** Bytes of one decompressed chunk of `rows` rows. */
export function chunkBytes(layout: PageLayout, rows = layout.chunkHeight): number {
  if (layout.yCbCr === undefined) return rows * chunkRowBytes(layout)
  const [across, down] = layout.yCbCr.subsampling
  return Math.ceil(layout.chunkWidth / across) * Math.ceil(rows / down) * (across * down + 2)
}

/** Rows that a chunk of the grid's `row` holds: the last strip ends with the image, a tile is always whole. */
export function chunkRows(layout: PageLayout, row: number): number {
  return layout.tiled
    ? layout.chunkHeight
    : Math.min(layout.chunkHeight, layout.height - row * layout.chunkHeight)
}

async function readYCbCr(directory: TiffDirectory): Promise<YCbCrCoding> {
  const subsampling = await directory.numbers(Tag.yCbCrSubsampling, 2)
  const luma = await directory.numbers(Tag.yCbCrCoefficients, 3)
  const reference = await directory.numbers(Tag.referenceBlackWhite, 6)
  return {
    subsampling: [subsampling[0] ?? 2, subsampling[1] ?? 2],
    luma: luma.length === 3 ? luma : defaultLuma,
    referenceBlackWhite: reference.length === 6 ? reference : Float64Array.of(0, 255, 128, 255, 128, 255),
  }
}

async function readChunkTable(
  file: RandomAccessFile,
  directory: TiffDirectory,
  layout: PageLayout,
): Promise<void> {
  const count = layout.chunksAcross * layout.chunksDown * (layout.planar ? layout.storedChannels : 1)
  const kind = layout.tiled ? 'tiles' : 'strips'
  if (count > MAXIMUM_CHUNKS) throw damagedImage(file.path, `it declares ${String(count)} ${kind}`)
  // Old writers keep the places of tiles in the tags of strips.
  const offsetTag = directory.has(Tag.tileOffsets) ? Tag.tileOffsets : Tag.stripOffsets
  const countTag = directory.has(Tag.tileByteCounts) ? Tag.tileByteCounts : Tag.stripByteCounts
  layout.offsets = await directory.numbers(offsetTag, count)
  if (layout.offsets.length < count) {
    throw damagedImage(
      file.path,
      `it needs ${String(count)} ${kind} and has the offsets of ${String(layout.offsets.length)}`,
    )
  }
  layout.byteCounts = await directory.numbers(countTag, count)
  if (layout.byteCounts.length < count || layout.byteCounts.every((bytes) => bytes === 0)) {
    layout.byteCounts = estimateByteCounts(file, layout)
  }
}

/** Where a writer left the byte counts out: what the rows need, or what remains of the file. */
function estimateByteCounts(file: RandomAccessFile, layout: PageLayout): Float64Array {
  return layout.offsets.map((offset, index) => {
    const row = Math.floor(index / layout.chunksAcross) % layout.chunksDown
    if (layout.compression === Compression.none) return chunkBytes(layout, chunkRows(layout, row))
    return Math.max(0, (layout.offsets[index + 1] ?? file.size) - offset)
  })
}

/** Every chunk must lie in the file and hold enough bytes to decode to what the page declares. */
function checkDeclaredSize(file: RandomAccessFile, layout: PageLayout): void {
  const kind = layout.tiled ? 'tile' : 'strip'
  const expansion = greatestExpansion(layout.compression)
  if (layout.offsets.every((_, index) => isSparse(layout, index))) {
    throw truncatedImage(file.path, `it holds none of its ${kind}s`)
  }
  for (let index = 0; index < layout.offsets.length; index++) {
    if (isSparse(layout, index)) continue
    const row = Math.floor(index / layout.chunksAcross) % layout.chunksDown
    const decoded = chunkBytes(layout, chunkRows(layout, row))
    const offset = layout.offsets[index] as number
    let bytes = layout.byteCounts[index] as number
    if (layout.compression === Compression.none) {
      // Some writers count more than there is; what the rows take is known.
      bytes = Math.min(bytes, decoded)
      layout.byteCounts[index] = bytes
    }
    const name = `${kind} ${String(index + 1)} of ${String(layout.offsets.length)}`
    if (!(offset + bytes <= file.size)) {
      throw truncatedImage(
        file.path,
        `${name} should lie at bytes ${String(offset)} to ${String(offset + bytes)}, the file has ${String(file.size)}`,
      )
    }
    if (bytes * expansion < decoded) {
      throw truncatedImage(
        file.path,
        `${name} has ${String(bytes)} bytes, too few for the ${String(decoded)} of its pixels`,
      )
    }
  }
}

/** A strip or tile that was never written, and is zero: GDAL's sparse files, and the gaps of slide scanners. */
export function isSparse(layout: PageLayout, index: number): boolean {
  return layout.offsets[index] === 0 && layout.byteCounts[index] === 0
}

/** Turns strips of many uncompressed rows into strips of few. */
function cutStrips(layout: PageLayout): void {
  const rowBytes = chunkRowBytes(layout)
  const band = Math.max(1, Math.floor(BAND_BYTES / rowBytes))
  if (band >= layout.chunkHeight) return
  // Bands must not straddle strips: a strip of several is cut into pieces of equal height only where that divides it.
  const rows = layout.chunksDown === 1 ? band : greatestDivisor(layout.chunkHeight, band)
  const chunksDown = Math.ceil(layout.height / rows)
  const planes = layout.planar ? layout.storedChannels : 1
  const offsets = new Float64Array(chunksDown * planes)
  const byteCounts = new Float64Array(chunksDown * planes)
  for (let plane = 0; plane < planes; plane++) {
    for (let row = 0; row < chunksDown; row++) {
      const strip = Math.floor((row * rows) / layout.chunkHeight)
      const within = row * rows - strip * layout.chunkHeight
      offsets[plane * chunksDown + row] =
        (layout.offsets[plane * layout.chunksDown + strip] as number) + within * rowBytes
      byteCounts[plane * chunksDown + row] = Math.min(rows, layout.height - row * rows) * rowBytes
    }
  }
  Object.assign(layout, { chunkHeight: rows, chunksDown, offsets, byteCounts })
}

function greatestDivisor(value: number, atMost: number): number {
  let divisor = atMost
  while (value % divisor !== 0) divisor--
  return divisor
}
