import { createRequire } from 'node:module'
import type { Samples, SampleType } from '../../model/images/image-source.ts'

/** What a codestream's header declares (ITU-T T.800, annex A.5.1). */
export interface Jpeg2000Header {
  width: number
  height: number
  channels: number
  bits: number
  isSigned: boolean
}

/** OpenJPEG as WebAssembly: the part that is used here. */
interface OpenJpeg {
  J2KDecoder: new () => {
    getEncodedBuffer(length: number): Uint8Array
    decode(): void
    getFrameInfo(): { width: number; height: number; bitsPerSample: number; componentCount: number }
    getDecodedBuffer(): Uint8Array
    delete(): void
  }
}
type MakeOpenJpeg = (options: {
  locateFile: () => string
  print: (line: string) => void
  printErr: (line: string) => void
}) => Promise<OpenJpeg>

const require = createRequire(import.meta.url)
const startOfCodestream = [0xff, 0x4f, 0xff, 0x51]
/** Boxes before the codestream: their names, a colour profile. */
const HEADER_BYTES = 2 ** 20
const MOST_BITS = 16

let loaded: Promise<OpenJpeg> | undefined
let complaint = ''

/**
 * Finds the codestream, in a JP2 file or alone, and reads its header.
 * @returns undefined where there is none among the first bytes
 * @throws Error where it is of a kind that is not read: subsampled, of more than 16 bits, or of unlike channels
 */
export function readJpeg2000Header(bytes: Uint8Array): Jpeg2000Header | undefined {
  const searched = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, HEADER_BYTES))
  const start = searched.indexOf(Buffer.from(startOfCodestream))
  if (start === -1 || start + 42 > bytes.length) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, bytes.length - start)
  const [right, bottom, left, top] = [8, 12, 16, 20].map((at) => view.getUint32(at)) as [
    number,
    number,
    number,
    number,
  ]
  const channels = view.getUint16(40)
  if (channels < 1 || 42 + 3 * channels > view.byteLength) return undefined
  const depth = view.getUint8(42)
  for (let channel = 0; channel < channels; channel++) {
    if (view.getUint8(42 + 3 * channel) !== depth) throw new Error('its channels are of different types')
    if (view.getUint16(43 + 3 * channel) !== 0x0101) throw new Error('its channels are subsampled')
  }
  const bits = (depth & 0x7f) + 1
  if (bits > MOST_BITS) throw new Error(`its samples have ${String(bits)} bits`)
  return { width: right - left, height: bottom - top, channels, bits, isSigned: depth >= 0x80 }
}

/** What its samples are kept as. */
export function jpeg2000SampleType({ bits, isSigned }: Jpeg2000Header): SampleType {
  if (bits <= 8) return isSigned ? 'int8' : 'uint8'
  return isSigned ? 'int16' : 'uint16'
}

/**
 * Decodes a picture. Its size is to be checked before, as this takes the memory for it.
 * @returns interleaved `[height, width, channels]`
 * @throws Error where the data cannot be decoded
 */
export async function decodeJpeg2000(bytes: Uint8Array, header: Jpeg2000Header): Promise<Samples> {
  loaded ??= load()
  const decoder = new (await loaded).J2KDecoder()
  try {
    complaint = ''
    decoder.getEncodedBuffer(bytes.length).set(bytes)
    decoder.decode()
    const { width, height, componentCount } = decoder.getFrameInfo()
    const { buffer } = new Uint8Array(decoder.getDecodedBuffer())
    const Samples = { uint8: Uint8Array, int8: Int8Array, uint16: Uint16Array, int16: Int16Array }[
      jpeg2000SampleType(header) as 'uint8' | 'int8' | 'uint16' | 'int16'
    ]
    const samples = new Samples(buffer)
    const isWhole = width === header.width && height === header.height && componentCount === header.channels
    if (!isWhole || samples.length !== width * height * componentCount)
      throw new Error(complaint || 'the decoded size differs from the declared one')
    return samples
  } catch (error) {
    // What has thrown may have left its memory in disorder.
    loaded = undefined
    throw error instanceof Error ? error : new Error(complaint || 'its decoder failed', { cause: error })
  } finally {
    if (loaded !== undefined) decoder.delete()
  }
}

async function load(): Promise<OpenJpeg> {
  const make = require('@cornerstonejs/codec-openjpeg/decodewasmjs') as MakeOpenJpeg
  return await make({
    locateFile: () => require.resolve('@cornerstonejs/codec-openjpeg/decodewasm'),
    print: () => undefined,
    printErr: (line) => {
      complaint = line.replace(/^\[\w+\]\s*/, '').trim()
    },
  })
}
