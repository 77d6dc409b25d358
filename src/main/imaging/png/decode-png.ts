import { promisify } from 'node:util'
import { inflate } from 'node:zlib'
import type { Raster } from '../../../model/images/image-source.ts'
import { damagedImage, oversizedImage, reasonOf, truncatedImage } from '../image-errors.ts'
import { DEFLATE_EXPANSION, MAXIMUM_DECODED_BYTES } from '../limits.ts'
import type { RandomAccessFile } from '../random-access-file.ts'
import { createSamples } from '../regions.ts'
import type { PngChunk, PngHeader } from './png-structure.ts'

const inflateAsync = promisify(inflate)

/** Every `stepX`-th pixel from `x` on, of every `stepY`-th row from `y` on: one pass of an interlaced picture. */
interface Pass {
  x: number
  y: number
  stepX: number
  stepY: number
}

const wholePicture: Pass[] = [{ x: 0, y: 0, stepX: 1, stepY: 1 }]

/** Adam7 (PNG specification 8.2). */
const adam7: Pass[] = [
  { x: 0, y: 0, stepX: 8, stepY: 8 },
  { x: 4, y: 0, stepX: 8, stepY: 8 },
  { x: 0, y: 4, stepX: 4, stepY: 8 },
  { x: 2, y: 0, stepX: 4, stepY: 4 },
  { x: 0, y: 2, stepX: 2, stepY: 4 },
  { x: 1, y: 0, stepX: 2, stepY: 2 },
  { x: 0, y: 1, stepX: 1, stepY: 2 },
]

/** Decodes the picture's data chunks; alpha is dropped. Memory: the compressed, the filtered and the final pixels. */
export async function decodePng(
  file: RandomAccessFile,
  header: PngHeader,
  data: PngChunk[],
): Promise<Raster> {
  const passes = (header.interlaced ? adam7 : wholePicture)
    .map((pass) => ({ pass, ...passSize(header, pass) }))
    .filter(({ width, height }) => width > 0 && height > 0)
  const pixelBits = header.storedChannels * header.bitDepth
  const rowBytes = (width: number) => Math.ceil((width * pixelBits) / 8)
  const expected = passes.reduce((sum, { width, height }) => sum + height * (1 + rowBytes(width)), 0)
  const filtered = await inflateData(file, data, expected)

  const { width, height, channels } = header
  const samples = createSamples(header.bitDepth === 16 ? 'uint16' : 'uint8', channels * width * height)
  let offset = 0
  for (const { pass, ...size } of passes) {
    const length = rowBytes(size.width)
    // Filters look back by whole pixels, by one byte where a pixel is smaller (PNG specification 9.2).
    const pixelBytes = Math.max(1, pixelBits >> 3)
    let above: Uint8Array = new Uint8Array(length)
    for (let row = 0; row < size.height; row++) {
      const line = filtered.subarray(offset + 1, offset + 1 + length)
      const filter = filtered[offset] as number
      if (filter > 4)
        throw damagedImage(file.path, `a PNG row uses filter ${String(filter)}, which does not exist`)
      unfilter(filter, line, above, pixelBytes)
      for (let channel = 0; channel < channels; channel++) {
        let target = (channel * height + pass.y + row * pass.stepY) * width + pass.x
        for (let column = 0; column < size.width; column++, target += pass.stepX) {
          samples[target] = sampleAt(line, column * header.storedChannels + channel, header.bitDepth)
        }
      }
      above = line
      offset += 1 + length
    }
  }
  return { samples, channels, width, height }
}

function passSize(header: PngHeader, pass: Pass): { width: number; height: number } {
  return {
    width: Math.ceil((header.width - pass.x) / pass.stepX),
    height: Math.ceil((header.height - pass.y) / pass.stepY),
  }
}

async function inflateData(file: RandomAccessFile, data: PngChunk[], expected: number): Promise<Uint8Array> {
  const stored = data.reduce((sum, { length }) => sum + length, 0)
  if (stored * DEFLATE_EXPANSION < expected) {
    throw truncatedImage(
      file.path,
      `its PNG data have ${String(stored)} bytes, too few for the ${String(expected)} of its pixels`,
    )
  }
  if (stored > MAXIMUM_DECODED_BYTES)
    throw oversizedImage(file.path, `its PNG data have ${String(stored)} bytes`)
  const parts: Uint8Array[] = []
  for (const { offset, length } of data) parts.push(await file.read(offset, length, 'the PNG data'))
  const inflated = await inflateAsync(Buffer.concat(parts), { maxOutputLength: expected }).catch(
    (error: unknown) => {
      throw damagedImage(file.path, `its PNG data cannot be decompressed (${reasonOf(error)})`, error)
    },
  )
  if (inflated.length < expected) {
    throw truncatedImage(
      file.path,
      `its PNG data decompress to ${String(inflated.length)} of ${String(expected)} bytes`,
    )
  }
  return inflated
}

/** Undoes a row's filter in place (PNG specification 9.2): none, sub, up, average, Paeth. */
function unfilter(filter: number, line: Uint8Array, above: Uint8Array, pixelBytes: number): void {
  if (filter === 0) return
  for (let index = 0; index < line.length; index++) {
    const left = index < pixelBytes ? 0 : (line[index - pixelBytes] as number)
    const up = above[index] as number
    let predicted: number
    if (filter === 1) predicted = left
    else if (filter === 2) predicted = up
    else if (filter === 3) predicted = (left + up) >> 1
    else predicted = paeth(left, up, index < pixelBytes ? 0 : (above[index - pixelBytes] as number))
    line[index] = (line[index] as number) + predicted
  }
}

/** The one of left, up and up-left that is nearest to left + up - up-left (PNG specification 9.4). */
function paeth(left: number, up: number, upLeft: number): number {
  const toLeft = Math.abs(up - upLeft)
  const toUp = Math.abs(left - upLeft)
  const toUpLeft = Math.abs(left + up - 2 * upLeft)
  if (toLeft <= toUp && toLeft <= toUpLeft) return left
  return toUp <= toUpLeft ? up : upLeft
}

function sampleAt(line: Uint8Array, index: number, bitDepth: number): number {
  if (bitDepth === 8) return line[index] as number
  if (bitDepth === 16) return ((line[index * 2] as number) << 8) | (line[index * 2 + 1] as number)
  const bit = index * bitDepth
  return ((line[bit >> 3] as number) >> (8 - bitDepth - (bit & 7))) & ((1 << bitDepth) - 1)
}
