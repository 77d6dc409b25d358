/** A tag's values: [TIFF value type, values]. */
export type BuiltTag = [type: 3 | 4 | 5 | 2, values: number[]]

export interface BuiltPage {
  width: number
  height: number
  /** Strips or tiles, as they are to stand in the file. */
  chunks: Uint8Array[]
  /** Tags besides width, height and the strips' places; they may override them. */
  tags?: Record<number, BuiltTag>
}

export interface BuildOptions {
  littleEndian?: boolean
  big?: boolean
  /** The pointer after the last directory: 0 in a sound file. */
  lastPointer?: (firstDirectory: number) => number
}

const bytesOfType = { 2: 1, 3: 2, 4: 4, 5: 8 }

/** Builds a TIFF or BigTIFF in memory, for the cases that no real file at hand shows. Samples are 8-bit grey unless tagged. */
export function buildTiff(pages: BuiltPage[], options: BuildOptions = {}): Uint8Array {
  const { littleEndian = true, big = false, lastPointer = () => 0 } = options
  const bytes: number[] = []
  const number = (value: number, size: number) => {
    const digits = Array.from({ length: size }, (_, digit) => Math.floor(value / 2 ** (8 * digit)) % 256)
    return littleEndian ? digits : digits.reverse()
  }
  const pointerBytes = big ? 8 : 4
  const mark = littleEndian ? 0x49 : 0x4d
  bytes.push(mark, mark, ...number(big ? 43 : 42, 2), ...(big ? [...number(8, 2), 0, 0] : []))
  let pointerAt = bytes.length
  bytes.push(...number(0, pointerBytes))
  let first = 0
  for (const { width, height, chunks, tags = {} } of pages) {
    const offsets = chunks.map((chunk) => {
      const offset = bytes.length
      for (const byte of chunk) bytes.push(byte)
      return offset
    })
    const all: Record<number, BuiltTag> = {
      256: [4, [width]],
      257: [4, [height]],
      258: [3, [8]],
      [322 in tags ? 324 : 273]: [4, offsets],
      [322 in tags ? 325 : 279]: [4, chunks.map((chunk) => chunk.length)],
      ...tags,
    }
    const outside = new Map<string, number>()
    for (const [tag, [type, values]] of Object.entries(all)) {
      if (values.length * bytesOfType[type] <= pointerBytes) continue
      outside.set(tag, bytes.length)
      for (const value of values) bytes.push(...encode(value, type, number))
    }
    const directory = bytes.length
    first ||= directory
    number(directory, pointerBytes).forEach((byte, index) => (bytes[pointerAt + index] = byte))
    const entries = Object.entries(all).sort(([one], [other]) => Number(one) - Number(other))
    bytes.push(...number(entries.length, big ? 8 : 2))
    for (const [tag, [type, values]] of entries) {
      bytes.push(...number(Number(tag), 2), ...number(type, 2), ...number(values.length, pointerBytes))
      const offset = outside.get(tag)
      const inline =
        offset === undefined
          ? values.flatMap((value) => encode(value, type, number))
          : number(offset, pointerBytes)
      bytes.push(...inline, ...Array<number>(pointerBytes - inline.length).fill(0))
    }
    pointerAt = bytes.length
    bytes.push(...number(0, pointerBytes))
  }
  number(lastPointer(first), pointerBytes).forEach((byte, index) => (bytes[pointerAt + index] = byte))
  return Uint8Array.from(bytes)
}

/** A rational is given as a number of thousandths. */
function encode(
  value: number,
  type: 2 | 3 | 4 | 5,
  number: (value: number, size: number) => number[],
): number[] {
  return type === 5
    ? [...number(Math.round(value * 1000), 4), ...number(1000, 4)]
    : number(value, bytesOfType[type])
}
