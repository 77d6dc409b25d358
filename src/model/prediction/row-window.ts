import { adaptChannels } from '../images/adapt-channels.ts'
import type { ImageSource } from '../images/image-source.ts'
import { normaliseRaster, type ChannelRange } from '../images/normalise.ts'
import { reflect } from './reflect.ts'

/** Samples read from the file at once: enough for speed, little beside the window itself. */
const samplesPerRead = 4_000_000

/**
 * Some rows of an image as the network sees it, over the full padded width: `[channels, rows, paddedWidth]`. It
 * moves from top to bottom, so that each row of the file is read and normalised once, whatever the tiles.
 */
export class RowWindow {
  readonly rows: number
  /** That the network takes. */
  readonly channels: number
  private readonly image: ImageSource
  private readonly ranges: readonly ChannelRange[]
  private readonly paddedWidth: number
  private readonly data: Float32Array
  private start = 0
  /** The row after the last one held. */
  private end = 0

  /** @param image as large as the network sees it */
  constructor(
    image: ImageSource,
    channels: number,
    ranges: readonly ChannelRange[],
    stride: number,
    rows: number,
  ) {
    this.image = image
    this.ranges = ranges
    this.channels = channels
    this.paddedWidth = padTo(image.info.width, stride)
    this.rows = rows
    this.data = new Float32Array(this.channels * rows * this.paddedWidth)
  }

  /**
   * Reads what a window that begins at `start` will need beyond what is held; the window stays where it is.
   * @returns `[channels, new rows, paddedWidth]`
   * @throws SegscopeError where the file cannot be read
   */
  async readAhead(start: number): Promise<Float32Array> {
    const { channels, paddedWidth } = this
    const { width, height } = this.image.info
    const first = this.end
    const count = start + this.rows - first
    const ahead = new Float32Array(channels * count * paddedWidth)
    const real = Math.min(count, height - first)
    const perRead = Math.max(1, Math.floor(samplesPerRead / (width * channels)))
    for (let done = 0; done < real; done += perRead) {
      const rows = Math.min(perRead, real - done)
      const samples = await this.readRows(first + done, rows)
      for (let row = 0; row < channels * rows; row++) {
        const channel = Math.floor(row / rows)
        const target = (channel * count + done + (row % rows)) * paddedWidth
        ahead.set(samples.subarray(row * width, (row + 1) * width), target)
        for (let x = width; x < paddedWidth; x++) {
          ahead[target + x] = ahead[target + reflect(x, width)] as number
        }
      }
    }
    for (let row = real; row < count; row++) {
      const mirrored = reflect(first + row, height)
      for (let channel = 0; channel < channels; channel++) {
        const target = (channel * count + row) * paddedWidth
        ahead.set(
          mirrored >= first
            ? ahead.subarray((channel * count + mirrored - first) * paddedWidth).subarray(0, paddedWidth)
            : this.rowAt(channel, mirrored),
          target,
        )
      }
    }
    return ahead
  }

  /** Moves the window to `start`, taking in what `readAhead` read for it. */
  moveTo(start: number, ahead: Float32Array): void {
    const { channels, rows, paddedWidth } = this
    const kept = this.end - start
    for (let channel = 0; channel < channels; channel++) {
      const plane = channel * rows * paddedWidth
      const from = plane + (start - this.start) * paddedWidth
      this.data.copyWithin(plane, from, from + kept * paddedWidth)
      const size = (rows - kept) * paddedWidth
      this.data.set(ahead.subarray(channel * size, (channel + 1) * size), plane + kept * paddedWidth)
    }
    this.start = start
    this.end = start + rows
  }

  /** Copies all rows of the window, `columns` columns from `x` on, to `target`: `[channels, rows, columns]`. */
  copyTile(x: number, columns: number, target: Float32Array): void {
    for (let row = 0; row < this.channels * this.rows; row++) {
      const from = row * this.paddedWidth + x
      target.set(this.data.subarray(from, from + columns), row * columns)
    }
  }

  private rowAt(channel: number, row: number): Float32Array {
    const from = (channel * this.rows + row - this.start) * this.paddedWidth
    return this.data.subarray(from, from + this.paddedWidth)
  }

  /** Rows without padding, normalised: `[channels, rows, width]`. */
  private async readRows(first: number, rows: number): Promise<Float32Array> {
    const raster = await this.image.read({ x: 0, y: first, width: this.image.info.width, height: rows })
    return normaliseRaster(adaptChannels(raster, this.channels, this.image.path), this.ranges)
  }
}

/** The next multiple of the network's stride. */
export function padTo(extent: number, stride: number): number {
  return Math.ceil(extent / stride) * stride
}
