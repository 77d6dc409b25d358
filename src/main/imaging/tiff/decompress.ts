import { promisify } from 'node:util'
import { constants, inflate, zstdDecompress } from 'node:zlib'
import { DEFLATE_EXPANSION, JPEG_EXPANSION } from '../limits.ts'
import { decompressLzw } from './lzw.ts'
import { decompressPackBits } from './pack-bits.ts'
import { Compression } from './tags.ts'

const inflateAsync = promisify(inflate)
const zstdDecompressAsync = promisify(zstdDecompress)

/** Decompresses one strip or tile to at most `limit` bytes; fewer where the data end early. */
type Decompress = (bytes: Uint8Array, limit: number) => Uint8Array | Promise<Uint8Array>

interface ByteCompression {
  decompress: Decompress
  /**
   * Decompressed bytes that one compressed byte can give at most. A file that declares more pixels than its
   * bytes could give is found out before memory is taken for them.
   */
  expansion: number
}

const deflate: ByteCompression = {
  // Without a checksum at the end the pixels may still be whole: their number decides.
  decompress: (bytes, limit) =>
    inflateAsync(bytes, { maxOutputLength: limit, finishFlush: constants.Z_SYNC_FLUSH }),
  expansion: DEFLATE_EXPANSION,
}

const compressions = new Map<number, ByteCompression>([
  [Compression.none, { decompress: (bytes, limit) => bytes.subarray(0, limit), expansion: 1 }],
  // A code of 12 bits stands for up to 4,095 bytes.
  [Compression.lzw, { decompress: decompressLzw, expansion: 4096 }],
  [Compression.deflate, deflate],
  // Two bytes stand for up to 128.
  [Compression.packBits, { decompress: decompressPackBits, expansion: 64 }],
  [Compression.oldDeflate, deflate],
  // A block of 4 bytes repeats one byte up to 128 KiB.
  [
    Compression.zstd,
    {
      decompress: (bytes, limit) => zstdDecompressAsync(bytes, { maxOutputLength: limit }),
      expansion: 2 ** 17,
    },
  ],
])

/** How to decompress a byte stream; undefined where the compression is unknown, or codes pictures and not bytes. */
export function findCompression(compression: number): Decompress | undefined {
  return compressions.get(compression)?.decompress
}

/** Decoded bytes for each byte in the file, at most. */
export function greatestExpansion(compression: number): number {
  if (compression === Compression.jpeg) return JPEG_EXPANSION
  return compressions.get(compression)?.expansion ?? Infinity
}

/** CCITT's codes for black and white pages. */
export function isFax(compression: number): boolean {
  return [Compression.faxRle, Compression.fax3, Compression.fax4, Compression.faxRleWords].some(
    (fax) => fax === compression,
  )
}

/** JPEG and WebP: every strip or tile is a picture of its own. */
export function isPicture(compression: number): boolean {
  return compression === Compression.jpeg || compression === Compression.webp
}

/** JPEG 2000: every strip or tile is a picture of its own, of any depth. */
export function isJpeg2000(compression: number): boolean {
  return compression === Compression.jpeg2000 || compression === Compression.aperioJpeg2000
}

/** Whether a page of this compression can be decoded at all. */
export function isReadable(compression: number): boolean {
  return (
    compressions.has(compression) ||
    isPicture(compression) ||
    isFax(compression) ||
    isJpeg2000(compression) ||
    compression === Compression.lerc
  )
}
