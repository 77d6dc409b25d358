import type { Samples } from '../../../model/images/image-source.ts'
import { createSamples } from '../regions.ts'
import { undoFloatingPointPredictor, undoHorizontalPredictor } from './predictors.ts'
import { chunkChannels, chunkRowBytes, type PageLayout } from './page-layout.ts'

/**
 * Decompressed bytes of a chunk as samples: byte order, predictor, bit depth and number format undone.
 * @param bytes `rows` rows of `chunkRowBytes(layout)` bytes; changed in place
 * @returns interleaved `[rows, chunkWidth, chunkChannels]`, in the page's sample type
 */
export function unpackSamples(bytes: Uint8Array<ArrayBuffer>, layout: PageLayout, rows: number): Samples {
  const { bitsPerSample: bits, sampleType } = layout
  const rowSamples = layout.chunkWidth * chunkChannels(layout)
  const rowBytes = chunkRowBytes(layout)
  if (layout.predictor === 3) undoFloatingPointPredictor(bytes, rowBytes, bits / 8, chunkChannels(layout))
  // The floating-point predictor leaves the most significant byte first, whatever the file's byte order.
  const littleEndian = layout.predictor === 3 ? false : layout.littleEndian
  if (bits === 8 || bits === 16 || bits === 32 || bits === 64) {
    if (!littleEndian) swapBytes(bytes, bits / 8)
    if (layout.predictor === 2) undoHorizontalPredictor(bytes, rowSamples, bits, chunkChannels(layout))
    return reinterpret(bytes, layout)
  }
  // Integers of other depths are packed as bits, the highest first, whatever the byte order.
  const isFloat24 = layout.sampleFormat === 'float'
  const samples = createSamples(sampleType, rows * rowSamples)
  for (let row = 0; row < rows; row++) {
    const line = bytes.subarray(row * rowBytes, (row + 1) * rowBytes)
    for (let index = 0; index < rowSamples; index++) {
      const raw = isFloat24 ? read24(line, index * 3, littleEndian) : readBits(line, index * bits, bits)
      samples[row * rowSamples + index] = fromBits(raw, layout)
    }
  }
  return samples
}

/** Bytes in this machine's order as samples. Every machine that Node runs on here is little-endian. */
function reinterpret(bytes: Uint8Array<ArrayBuffer>, layout: PageLayout): Samples {
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice()
  const { buffer, byteOffset } = aligned
  const length = aligned.length / (layout.bitsPerSample / 8)
  if (layout.sampleFormat === 'float') {
    if (layout.bitsPerSample === 32) return new Float32Array(buffer, byteOffset, length)
    if (layout.bitsPerSample === 64) return new Float64Array(buffer, byteOffset, length)
    return Float32Array.from(new Uint16Array(buffer, byteOffset, length), halfToNumber)
  }
  switch (layout.sampleType) {
    case 'uint8':
      return aligned
    case 'int8':
      return new Int8Array(buffer, byteOffset, length)
    case 'uint16':
      return new Uint16Array(buffer, byteOffset, length)
    case 'int16':
      return new Int16Array(buffer, byteOffset, length)
    case 'uint32':
      return new Uint32Array(buffer, byteOffset, length)
    case 'int32':
      return new Int32Array(buffer, byteOffset, length)
    default: {
      const Integers = layout.sampleFormat === 'signed' ? BigInt64Array : BigUint64Array
      return Float64Array.from(new Integers(buffer, byteOffset, length), Number)
    }
  }
}

function swapBytes(bytes: Uint8Array<ArrayBuffer>, size: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (size === 2) buffer.swap16()
  else if (size === 4) buffer.swap32()
  else if (size === 8) buffer.swap64()
}

function read24(line: Uint8Array, at: number, littleEndian: boolean): number {
  const [low, high] = littleEndian ? [at, at + 2] : [at + 2, at]
  return (line[low] as number) + (line[at + 1] as number) * 2 ** 8 + (line[high] as number) * 2 ** 16
}

/** `bits` (at most 32) from bit `start` on, the most significant first. */
function readBits(line: Uint8Array, start: number, bits: number): number {
  let value = 0
  let at = start
  let missing = bits
  while (missing > 0) {
    const available = 8 - (at & 7)
    const taken = Math.min(available, missing)
    const piece = ((line[at >> 3] as number) >> (available - taken)) & ((1 << taken) - 1)
    value = value * 2 ** taken + piece
    at += taken
    missing -= taken
  }
  return value
}

function fromBits(raw: number, layout: PageLayout): number {
  if (layout.sampleFormat === 'unsigned') return raw
  if (layout.sampleFormat === 'float') return float24ToNumber(raw)
  return raw >= 2 ** (layout.bitsPerSample - 1) ? raw - 2 ** layout.bitsPerSample : raw
}

/** IEEE 754 half precision: 1 sign bit, 5 of exponent (bias 15), 10 of fraction. */
function halfToNumber(half: number): number {
  return minifloatToNumber(half >> 15, (half >> 10) & 31, 31, (half & 1023) / 1024, 15)
}

/** Adobe's 24-bit floats: 1 sign bit, 7 of exponent (bias 63), 16 of fraction (TIFF technical note 3). */
function float24ToNumber(raw: number): number {
  return minifloatToNumber(raw >> 23, (raw >> 16) & 127, 127, (raw & 0xffff) / 0x10000, 63)
}

function minifloatToNumber(
  sign: number,
  exponent: number,
  greatest: number,
  fraction: number,
  bias: number,
): number {
  const factor = sign === 0 ? 1 : -1
  if (exponent === greatest) return fraction === 0 ? factor * Infinity : NaN
  if (exponent === 0) return factor * fraction * 2 ** (1 - bias)
  return factor * (1 + fraction) * 2 ** (exponent - bias)
}
