import type { ChannelLook, SampleType } from '../../../model/images/image-source.ts'
import type { TiffDirectory } from './directory.ts'
import { Tag } from './tags.ts'

/** `ij.io.TiffEncoder` in ImageJ's source: the names of the parts of its metadata, as four letters. */
const MAGIC = 0x494a494a
const RANGES = 0x72616e67
const TABLES = 0x6c757473
const ENTRIES_OF_A_TABLE = 256
/** Overlays and regions come with them, and are not looked at. */
const MOST_BYTES = 2 ** 24
const MOST_PARTS = 100_000

const fullRanges: Partial<Record<SampleType, readonly [number, number]>> = {
  uint8: [0, 255],
  uint16: [0, 65535],
  int16: [-32768, 32767],
}

/**
 * What ImageJ shows the channels of an image by: the range of values from dark to bright that a person set, and the brightest
 * colour of the lookup table.
 * @returns undefined where the file says nothing of its channels
 */
export async function imageJLooks(
  directory: TiffDirectory,
  description: string,
  { channels, sampleType }: { channels: number; sampleType: SampleType },
): Promise<ChannelLook[] | undefined> {
  if (!description.startsWith('ImageJ=')) return undefined
  const { ranges, tables } = await readMetadata(directory)
  const single = channels === 1 ? [valueOf(description, 'min'), valueOf(description, 'max')] : []
  const looks = Array.from({ length: channels }, (_, channel): ChannelLook => {
    const [low, high] = ranges.length >= 2 * channels ? ranges.slice(2 * channel, 2 * channel + 2) : single
    const table = tables.length === channels ? tables[channel] : undefined
    const colour = table && brightest(table)
    return {
      ...(colour !== undefined && { colour }),
      ...(isChosen(low, high, sampleType) && { range: { low: low as number, high: high as number } }),
    }
  })
  return looks.some((look) => Object.keys(look).length > 0) ? looks : undefined
}

/** The whole range of a type is what is shown where nobody chose. */
function isChosen(low: number | undefined, high: number | undefined, sampleType: SampleType): boolean {
  if (low === undefined || high === undefined || !Number.isFinite(low) || !(high > low) || high === Infinity)
    return false
  const [first, last] = fullRanges[sampleType] ?? []
  return low !== first || high !== last
}

/** Inverted tables are darkest at their end, and a grey one has no colour. */
function brightest(table: Uint8Array): string | undefined {
  const colour = [0, 1, 2].map((part) => table[(part + 1) * ENTRIES_OF_A_TABLE - 1] ?? 0)
  if (Math.max(...colour) < 64) return undefined
  return `#${colour.map((value) => value.toString(16).padStart(2, '0')).join('')}`
}

function valueOf(description: string, name: string): number | undefined {
  const text = new RegExp(`^${name}=(.+)$`, 'm').exec(description)?.[1]
  return text === undefined ? undefined : Number(text)
}

/** A header that counts parts of each kind, then the parts, whose lengths are in a tag of their own. */
async function readMetadata(directory: TiffDirectory): Promise<{ ranges: number[]; tables: Uint8Array[] }> {
  const found: { ranges: number[]; tables: Uint8Array[] } = { ranges: [], tables: [] }
  const lengths = await directory.numbers(Tag.imageJCounts, MOST_PARTS)
  const bytes = await directory.bytes(Tag.imageJData, MOST_BYTES)
  const headerLength = lengths[0]
  if (bytes === undefined || headerLength === undefined || headerLength > bytes.length || headerLength < 4)
    return found
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const { littleEndian } = directory
  if (view.getUint32(0, littleEndian) !== MAGIC) return found
  let at = headerLength
  let part = 1
  for (let kind = 4; kind + 8 <= headerLength; kind += 8) {
    const name = view.getUint32(kind, littleEndian)
    const count = view.getUint32(kind + 4, littleEndian)
    for (let index = 0; index < count; index++, part++) {
      const length = lengths[part]
      if (length === undefined || at + length > bytes.length) return found
      if (name === RANGES) {
        for (let place = at; place + 8 <= at + length; place += 8)
          found.ranges.push(view.getFloat64(place, littleEndian))
      } else if (name === TABLES && length === 3 * ENTRIES_OF_A_TABLE) {
        found.tables.push(bytes.subarray(at, at + length))
      }
      at += length
    }
  }
  return found
}
