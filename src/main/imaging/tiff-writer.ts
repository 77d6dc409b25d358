import { promisify } from 'node:util'
import { deflate } from 'node:zlib'
import type { PageSpacing, PixelSize } from '../../model/images/image-source.ts'
import { describeForImageJ, labelsForImageJ } from './imagej-description.ts'
import { colourMap } from './label-writers/colour-map.ts'
import type { WrittenClass } from './label-writers/written-labels.ts'
import { TemporaryFile } from './temporary-file.ts'
import {
  encodeTiffDirectories,
  encodeTiffHeader,
  TIFF_HEADER_SIZE,
  type TiffEntry,
} from './tiff-directory.ts'

const compress = promisify(deflate)

/** Strips hold about this much before compression: enough to compress well, little enough to read a region quickly. */
const stripBytes = 2 ** 19

/** Bits, TIFF's sample format, and zlib's level: floating point gains little from a higher one and takes much longer. */
const sampleTypes = {
  uint8: { bytes: 1, format: 1, level: 6 },
  uint16: { bytes: 2, format: 1, level: 6 },
  float32: { bytes: 4, format: 3, level: 1 },
} as const

export interface TiffLayout {
  width: number
  height: number
  sampleType: keyof typeof sampleTypes
  /** Each channel of each slice of each frame is a plane of the file; ImageJ shows them as a hyperstack. */
  channels: number
  /** Planes of z; 1 where undefined. */
  slices?: number
  /** Times. */
  frames: number
  /** One a channel; ImageJ shows them above its planes. */
  channelNames?: readonly string[]
  pixelSize: PixelSize | undefined
  pageSpacing?: PageSpacing | undefined
  /** Values that viewers show as black and as white. */
  displayRange: readonly [low: number, high: number]
  /** The colours that 8-bit classes are shown in; their display range is 0 to 255. */
  classes?: readonly WrittenClass[]
}

/** A plane under way: its strips so far, and the rows that wait for their strip to be full. */
interface Plane {
  rows: number
  offsets: number[]
  byteCounts: number[]
  pending: Uint8Array
  filled: number
}

/**
 * Writes TIFF as a stream: rows in, Deflate-compressed strips out, which ImageJ's own reader opens. Planes may grow
 * side by side. Memory is one strip for each plane that has begun and not ended. The file is BigTIFF only if it
 * comes to more than classic TIFF can address: the header is written last.
 */
export class TiffWriter {
  private readonly layout: TiffLayout
  private readonly file: TemporaryFile
  private readonly planes: Plane[]
  private readonly rowBytes: number
  private readonly rowsPerStrip: number
  private position = TIFF_HEADER_SIZE

  private constructor(layout: TiffLayout, file: TemporaryFile) {
    this.layout = layout
    this.file = file
    this.rowBytes = layout.width * sampleTypes[layout.sampleType].bytes
    this.rowsPerStrip = Math.min(layout.height, Math.max(1, Math.floor(stripBytes / this.rowBytes)))
    this.planes = Array.from({ length: layout.channels * (layout.slices ?? 1) * layout.frames }, () => ({
      rows: 0,
      offsets: [],
      byteCounts: [],
      pending: new Uint8Array(0),
      filled: 0,
    }))
  }

  /**
   * Nothing stands at `path` until `finish`; what stood there stays until then.
   * @throws SegscopeError as `outputError` says
   */
  static async create(path: string, layout: TiffLayout): Promise<TiffWriter> {
    return new TiffWriter(layout, await TemporaryFile.create(path))
  }

  /**
   * Appends whole rows to a plane (`(frame * slices + slice) * channels + channel`). One call at a time: await each.
   * @param samples `[rows, width]`, of the layout's sample type; not to be changed until the promise settles
   * @throws SegscopeError as `outputError` says; RangeError where the rows do not fit
   */
  async writeRows(samples: Uint8Array | Uint16Array | Float32Array, plane = 0): Promise<void> {
    const target = this.planes[plane]
    const rows = samples.byteLength / this.rowBytes
    if (target === undefined || !Number.isInteger(rows) || target.rows + rows > this.layout.height) {
      throw new RangeError(
        `${rows} rows do not fit plane ${plane} of ${this.file.target}, ${this.layout.width} x ${this.layout.height}.`,
      )
    }
    // Typed arrays are little-endian wherever Node and ONNX Runtime run, and so is the file.
    const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength)
    let taken = 0
    while (taken < bytes.length) {
      if (target.filled === 0) target.pending = new Uint8Array(this.stripRowsAt(target) * this.rowBytes)
      const share = Math.min(bytes.length - taken, target.pending.length - target.filled)
      target.pending.set(bytes.subarray(taken, taken + share), target.filled)
      target.filled += share
      target.rows += share / this.rowBytes
      taken += share
      if (target.filled === target.pending.length) await this.writeStrip(target)
    }
  }

  /**
   * Completes the file and puts it in place.
   * @throws SegscopeError as `outputError` says; Error where rows are missing
   */
  async finish(): Promise<void> {
    if (this.planes.some((plane) => plane.rows < this.layout.height)) {
      throw new Error(`${this.file.target} was finished before all of its rows were written.`)
    }
    const start = this.position + (this.position % 2)
    // BigTIFF's directories are the larger ones: where they end below the limit, all of classic TIFF does.
    const largest = encodeTiffDirectories(this.directories(), start, true)
    const big = start + largest.length > 0xffffffff
    await this.file.write(big ? largest : encodeTiffDirectories(this.directories(), start, false), start)
    await this.file.write(encodeTiffHeader(start, big), 0)
    await this.file.commit()
  }

  /** Gives up: leaves nothing behind, and what stood at the path as it was. Does nothing after `finish`. */
  async abort(): Promise<void> {
    await this.file.discard()
  }

  private stripRowsAt(plane: Plane): number {
    return Math.min(this.rowsPerStrip, this.layout.height - plane.rows)
  }

  private async writeStrip(plane: Plane): Promise<void> {
    const compressed = await compress(plane.pending, { level: sampleTypes[this.layout.sampleType].level })
    await this.file.write(compressed, this.position)
    plane.offsets.push(this.position)
    plane.byteCounts.push(compressed.length)
    this.position += compressed.length
    plane.filled = 0
    plane.pending = new Uint8Array(0)
  }

  private directories(): TiffEntry[][] {
    const { width, height, sampleType, pixelSize, classes } = this.layout
    const { bytes, format } = sampleTypes[sampleType]
    const resolution =
      pixelSize === undefined ? undefined : [pixelsPerUnit(pixelSize.x), pixelsPerUnit(pixelSize.y)]
    const labels = labelsForImageJ(this.planes.length, this.layout.channelNames)
    return this.planes.map((plane, index) => {
      const entries: (TiffEntry | undefined)[] = [
        { tag: 256, type: 'long', values: [width] },
        { tag: 257, type: 'long', values: [height] },
        { tag: 258, type: 'short', values: [bytes * 8] },
        // Deflate, as Adobe numbers it.
        { tag: 259, type: 'short', values: [8] },
        // Zero is black.
        { tag: 262, type: 'short', values: [1] },
        // ImageJ looks for it in the first page only.
        index === 0 ? { tag: 270, type: 'ascii', text: describeForImageJ(this.layout) } : undefined,
        { tag: 273, type: 'offset', values: plane.offsets },
        { tag: 277, type: 'short', values: [1] },
        { tag: 278, type: 'long', values: [this.rowsPerStrip] },
        { tag: 279, type: 'offset', values: plane.byteCounts },
        resolution?.[0] && { tag: 282, type: 'rational', ...resolution[0] },
        resolution?.[1] && { tag: 283, type: 'rational', ...resolution[1] },
        // None: the unit is in the description.
        { tag: 296, type: 'short', values: [1] },
        { tag: 305, type: 'ascii', text: 'Segscope' },
        classes && { tag: 320, type: 'short', values: colourMap(classes) },
        { tag: 339, type: 'short', values: [format] },
        ...(index === 0 ? labels : []),
      ]
      return entries.filter((entry) => entry !== undefined)
    })
  }
}

/** 1 / size as TIFF's fraction of two 32-bit numbers: exact for sizes of up to nine decimals below 4.29. */
function pixelsPerUnit(size: number): { numerator: number; denominator: number } {
  const largest = 0xffffffff
  let numerator = 1e9
  while (numerator > 1 && numerator * size > largest) numerator /= 10
  return { numerator, denominator: Math.min(largest, Math.max(1, Math.round(numerator * size))) }
}
