import { mostProbable, type Band } from './band.ts'
import type { AxisTile } from './tiling.ts'

/** Sums the weighted results of a row of tiles, and hands out the rows that no later tile changes. */
export class BandAccumulator {
  private readonly classes: number
  private readonly width: number
  private readonly height: number
  private readonly rows: number
  private readonly keepProbabilities: boolean
  /** `[classes, rows, width]`, from row `top` of the image on. */
  private sums: Float32Array
  /** The other buffer, where bands' probabilities are handed out: one fills while the other is read. */
  private spare: Float32Array
  private top = 0

  /**
   * @param width of the image, without padding; `height` too
   * @param rows the most that count in a tile
   */
  constructor(classes: number, width: number, height: number, rows: number, keepProbabilities: boolean) {
    this.classes = classes
    this.width = width
    this.height = height
    this.rows = rows
    this.keepProbabilities = keepProbabilities
    this.sums = new Float32Array(classes * rows * width)
    this.spare = keepProbabilities ? new Float32Array(this.sums.length) : this.sums
  }

  /** @param probabilities of one tile: `[classes, row.size, column.size]` */
  add(probabilities: Float32Array, row: AxisTile, column: AxisTile): void {
    const { sums, width } = this
    const lastRow = Math.min(row.to, this.height)
    const firstColumn = column.from
    const lastColumn = Math.min(column.to, width)
    for (let plane = 0; plane < this.classes; plane++) {
      for (let y = row.from; y < lastRow; y++) {
        const rowWeight = row.weights[y - row.start] as number
        const source = (plane * row.size + y - row.start) * column.size - column.start
        const target = (plane * this.rows + y - this.top) * width
        for (let x = firstColumn; x < lastColumn; x++) {
          const weight = rowWeight * (column.weights[x - column.start] as number)
          sums[target + x] = (sums[target + x] as number) + weight * (probabilities[source + x] as number)
        }
      }
    }
  }

  /** The rows above `end`. Their probabilities stay as they are until the `moveTo` after the next one. */
  take(end: number): Band {
    const height = Math.min(end, this.height) - this.top
    const planes = this.planes(0, height)
    return {
      y: this.top,
      height,
      labels: mostProbable(planes),
      probabilities: this.keepProbabilities ? planes : undefined,
    }
  }

  /** Lets go of the rows above `start`, and keeps what tiles have added below. */
  moveTo(start: number): void {
    const target = this.spare
    this.planes(start - this.top, this.rows).forEach((kept, plane) => {
      // Where both are one buffer, `set` copies overlapping rows correctly.
      target.set(kept, plane * this.rows * this.width)
      target.fill(0, plane * this.rows * this.width + kept.length, (plane + 1) * this.rows * this.width)
    })
    this.spare = this.sums
    this.sums = target
    this.top = start
  }

  private planes(from: number, to: number): Float32Array[] {
    return Array.from({ length: this.classes }, (_, plane) => {
      const start = plane * this.rows
      return this.sums.subarray((start + from) * this.width, (start + to) * this.width)
    })
  }
}
