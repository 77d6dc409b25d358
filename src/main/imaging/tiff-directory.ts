/** One entry of a TIFF directory. Offsets and byte counts widen to 64 bits in BigTIFF. */
export type TiffEntry = { tag: number } & (
  | { type: 'short' | 'long' | 'offset'; values: readonly number[] }
  | { type: 'ascii'; text: string }
  | { type: 'byte'; bytes: Uint8Array }
  | { type: 'rational'; numerator: number; denominator: number }
)

/** Type codes and sizes in bytes: TIFF 6.0, section 2; LONG8 (16): the BigTIFF proposal. */
const shortType = { code: 3, size: 2 }
const longType = { code: 4, size: 4 }
const long8Type = { code: 16, size: 8 }

/** The first bytes of a file: room for either kind of header, so that the kind can be decided when the size is known. */
export const TIFF_HEADER_SIZE = 16

/** Little-endian header that points to the first directory. */
export function encodeTiffHeader(firstDirectory: number, big: boolean): Uint8Array {
  const header = Buffer.alloc(TIFF_HEADER_SIZE)
  header.write('II', 'latin1')
  if (big) {
    header.writeUInt16LE(43, 2)
    header.writeUInt16LE(8, 4)
    header.writeBigUInt64LE(BigInt(firstDirectory), 8)
  } else {
    header.writeUInt16LE(42, 2)
    header.writeUInt32LE(firstDirectory, 4)
  }
  return header
}

/**
 * The directories of all pages, in a chain, each followed by those of its values that do not fit into their entry.
 * @param pages entries of each page, by ascending tag
 * @param position where in the file they will stand; even
 */
export function encodeTiffDirectories(
  pages: readonly (readonly TiffEntry[])[],
  position: number,
  big: boolean,
): Uint8Array {
  const parts: Uint8Array[] = []
  let start = position
  pages.forEach((entries, page) => {
    const directory = encodeDirectory(entries, start, big, page === pages.length - 1)
    parts.push(directory)
    start += directory.length
  })
  return Buffer.concat(parts)
}

function encodeDirectory(
  entries: readonly TiffEntry[],
  position: number,
  big: boolean,
  last: boolean,
): Uint8Array {
  const [countSize, entrySize, offsetSize] = big ? [8, 20, 8] : [2, 12, 4]
  const fixedSize = countSize + entries.length * entrySize + offsetSize
  const fixed = Buffer.alloc(fixedSize)
  const writeOffset = (value: number, at: number): void => {
    if (big) fixed.writeBigUInt64LE(BigInt(value), at)
    else fixed.writeUInt32LE(value, at)
  }
  if (big) fixed.writeBigUInt64LE(BigInt(entries.length))
  else fixed.writeUInt16LE(entries.length)

  const outside: Uint8Array[] = []
  let outsideSize = 0
  entries.forEach((entry, index) => {
    const at = countSize + index * entrySize
    const { code, count, bytes } = encodeValues(entry, big)
    fixed.writeUInt16LE(entry.tag, at)
    fixed.writeUInt16LE(code, at + 2)
    writeOffset(count, at + 4)
    const valueAt = at + 4 + offsetSize
    if (bytes.length <= offsetSize) {
      fixed.set(bytes, valueAt)
    } else {
      writeOffset(position + fixedSize + outsideSize, valueAt)
      // Values begin at even offsets: TIFF 6.0, section 2.
      const padded = Buffer.alloc(bytes.length + (bytes.length % 2))
      padded.set(bytes)
      outside.push(padded)
      outsideSize += padded.length
    }
  })
  if (!last) writeOffset(position + fixedSize + outsideSize, fixedSize - offsetSize)
  return Buffer.concat([fixed, ...outside])
}

function encodeValues(entry: TiffEntry, big: boolean): { code: number; count: number; bytes: Uint8Array } {
  if (entry.type === 'ascii') {
    // OME-XML is UTF-8; what ImageJ reads has no other characters than ASCII's.
    const bytes = Buffer.from(`${entry.text}\0`, 'utf8')
    return { code: 2, count: bytes.length, bytes }
  }
  if (entry.type === 'byte') return { code: 1, count: entry.bytes.length, bytes: entry.bytes }
  if (entry.type === 'rational') {
    return {
      code: 5,
      count: 1,
      bytes: new Uint8Array(Uint32Array.of(entry.numerator, entry.denominator).buffer),
    }
  }
  const type = entry.type === 'short' ? shortType : entry.type === 'offset' && big ? long8Type : longType
  const bytes = Buffer.alloc(entry.values.length * type.size)
  entry.values.forEach((value, index) => {
    if (type.size === 2) bytes.writeUInt16LE(value, index * 2)
    else if (type.size === 4) bytes.writeUInt32LE(value, index * 4)
    else bytes.writeBigUInt64LE(BigInt(value), index * 8)
  })
  return { code: type.code, count: entry.values.length, bytes }
}
