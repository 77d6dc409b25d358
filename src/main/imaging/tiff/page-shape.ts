import type { SampleType } from '../../../model/images/image-source.ts'
import { damagedImage, unsupportedImage } from '../image-errors.ts'
import type { TiffDirectory } from './directory.ts'
import { Photometric, Tag } from './tags.ts'

export type SampleFormat = 'unsigned' | 'signed' | 'float'

/** What a page holds: the few tags that decide on what its pixels are. */
export interface PageShape {
  width: number
  height: number
  /** Samples a pixel in the file, alpha included. */
  storedChannels: number
  /** Samples a pixel that are kept: alpha is dropped. */
  channels: number
  bitsPerSample: number
  sampleFormat: SampleFormat
  sampleType: SampleType
  photometric: number
  /** A smaller copy of another page (bit 0 of NewSubfileType). */
  isReduced: boolean
}

/** The longest side that is believed. */
const MAXIMUM_SIDE = 2 ** 31 - 1

/** More channels than any spectral camera gives. */
const MAXIMUM_CHANNELS = 1024

/** TIFF 6.0 section 19; 4 is "undefined", which readers take as unsigned. */
const sampleFormats = new Map<number, SampleFormat>([
  [1, 'unsigned'],
  [2, 'signed'],
  [3, 'float'],
  [4, 'unsigned'],
])

/** @throws SegscopeError `image-damaged`, `image-truncated` or `image-unsupported` */
export async function readPageShape(file: string, directory: TiffDirectory): Promise<PageShape> {
  const width = await directory.number(Tag.imageWidth, 0)
  const height = await directory.number(Tag.imageLength, 0)
  if (!isCount(width, MAXIMUM_SIDE) || !isCount(height, MAXIMUM_SIDE)) {
    throw damagedImage(file, `it declares a size of ${String(width)}x${String(height)} pixels`)
  }
  const storedChannels = await directory.number(
    Tag.samplesPerPixel,
    Math.max(1, directory.count(Tag.bitsPerSample)),
  )
  if (!isCount(storedChannels, MAXIMUM_CHANNELS)) {
    throw damagedImage(file, `it declares ${String(storedChannels)} samples a pixel`)
  }
  const bitsPerSample = commonValue(await directory.numbers(Tag.bitsPerSample, storedChannels), 1)
  const format = commonValue(await directory.numbers(Tag.sampleFormat, storedChannels), 1)
  if (bitsPerSample === undefined || format === undefined) {
    throw unsupportedImage(file, 'its channels are of different sample types')
  }
  const sampleFormat = sampleFormats.get(format)
  if (sampleFormat === undefined) {
    throw unsupportedImage(
      file,
      `its samples are complex numbers or of an unknown kind (sample format ${String(format)})`,
    )
  }
  return {
    width,
    height,
    storedChannels,
    channels: storedChannels - (await countAlpha(directory, storedChannels)),
    bitsPerSample,
    sampleFormat,
    sampleType: sampleTypeOf(file, bitsPerSample, sampleFormat),
    photometric: await directory.number(Tag.photometric, Photometric.blackIsZero),
    isReduced: ((await directory.number(Tag.newSubfileType, 0)) & 1) === 1,
  }
}

function isCount(value: number, maximum: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= maximum
}

/** The one value of all; `absent` where there is none; undefined where they differ. */
function commonValue(values: Float64Array, absent: number): number | undefined {
  return values.every((value) => value === values[0]) ? (values[0] ?? absent) : undefined
}

/** Trailing samples that are alpha (ExtraSamples 1 or 2); 0 is a channel that the file does not name, and stays. */
async function countAlpha(directory: TiffDirectory, storedChannels: number): Promise<number> {
  const extras = await directory.numbers(Tag.extraSamples, MAXIMUM_CHANNELS)
  const others = extras.findLastIndex((kind) => kind !== 1 && kind !== 2) + 1
  return Math.min(extras.length - others, storedChannels - 1)
}

/** The narrowest sample type that holds the file's samples exactly; 64-bit integers as float64. */
function sampleTypeOf(file: string, bits: number, format: SampleFormat): SampleType {
  if (format === 'float') {
    if (bits === 16 || bits === 24 || bits === 32) return 'float32'
    if (bits === 64) return 'float64'
  } else {
    const sign = format === 'signed' ? '' : 'u'
    if (bits >= 1 && bits <= 8) return `${sign}int8`
    if (bits > 8 && bits <= 16) return `${sign}int16`
    if (bits > 16 && bits <= 32) return `${sign}int32`
    if (bits === 64) return 'float64'
  }
  throw unsupportedImage(file, `its samples are ${format} numbers of ${String(bits)} bits`)
}
