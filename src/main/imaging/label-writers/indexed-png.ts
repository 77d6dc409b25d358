import { pipeline, Readable } from 'node:stream'
import { crc32, createDeflate } from 'node:zlib'
import { UNLABELLED } from '../../../model/images/label-map.ts'
import { writeWhole } from '../temporary-file.ts'
import { bandsOf, colourChannels, type WrittenClass, type WrittenLabels } from './written-labels.ts'

/**
 * Writes one page as an indexed PNG: the index of a pixel is its class, shown in the class's colour; 255, not labelled, is
 * transparent. PNG 1.2, sections 4.1 and 4.2.1; rows are read and written band by band.
 * @throws SegscopeError where the labels cannot be read, and as `outputError` says
 */
export async function writeIndexedPng(path: string, written: WrittenLabels, page = 0): Promise<void> {
  await writeWhole(path, encodePng(written, page))
}

async function* encodePng({ labels, classes }: WrittenLabels, page: number): AsyncGenerator<Uint8Array> {
  const { width, height } = labels.info
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  // 8 bits, indexed; Deflate, filters by row, not interlaced.
  header.set([8, 3, 0, 0, 0], 8)
  yield Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  yield chunk('IHDR', header)
  yield chunk('PLTE', paletteOf(classes))
  yield chunk('tRNS', Buffer.alloc(UNLABELLED + 1, 255).fill(0, UNLABELLED))
  for await (const compressed of compress(labels, page)) yield chunk('IDAT', compressed)
  yield chunk('IEND', new Uint8Array(0))
}

async function* compress(labels: WrittenLabels['labels'], page: number): AsyncGenerator<Uint8Array> {
  const deflate = createDeflate({ level: 6, chunkSize: 2 ** 18 })
  // An error of the rows destroys the stream, and so reaches who reads it; there is nothing else to be told.
  pipeline(Readable.from(filteredRows(labels, page)), deflate, () => undefined)
  yield* deflate as AsyncIterable<Uint8Array>
}

/** Each row begins with the number of its filter: none. */
async function* filteredRows(labels: WrittenLabels['labels'], page: number): AsyncGenerator<Uint8Array> {
  const { width } = labels.info
  for await (const band of bandsOf(labels, page)) {
    const rows = band.length / width
    const filtered = new Uint8Array(band.length + rows)
    for (let row = 0; row < rows; row++) {
      filtered.set(band.subarray(row * width, (row + 1) * width), row * (width + 1) + 1)
    }
    yield filtered
  }
}

function paletteOf(classes: readonly WrittenClass[]): Uint8Array {
  const palette = new Uint8Array(3 * 256)
  for (const { value, colour } of classes)
    palette.set(value === 0 ? [0, 0, 0] : colourChannels(colour), 3 * value)
  return palette
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(12 + data.length)
  bytes.writeUInt32BE(data.length, 0)
  bytes.write(type, 4, 'latin1')
  bytes.set(data, 8)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length)
  return bytes
}
