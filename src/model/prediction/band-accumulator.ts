import { mostProbable, type Band } from './band.ts'
import type { AxisTile, Tiling } from './tiling.ts'

/** Sums the weighted results of a row of tiles, and hands out the rows that no later tile changes, with their probabilities. */
export class BandAccumulator {
  private readonly classes: number
  private readonly width: number
  private readonly height: number
  private readonly tiling: Tiling
  /** The most that count in a tile. */
  private readonly rows: number
  /** `[classes, rows, width]`, from row `top` of the image on. */
  private sums: Float32Array
  /** The other buffer, where bands' probabilities are handed out: one fills while the other is read. */
  private spare: Float32Array
  private top = 0

  /** @param width of the image, without padding; `height` too */
  constructor(classes: number, width: number, height: number, tiling: Tiling) {
    this.classes = classes
    this.width = width
    this.height = height
    this.tiling = tiling
    this.rows = Math.max(...tiling.rows.map(({ from, to }) => to - from))
    this.sums = new Float32Array(classes * this.rows * width)
    this.spare = new Float32Array(this.sums.length)
  }

  /**
   * Adds a tile; those of a row from left to right, rows from top to bottom.
   * @param probabilities of the tile: `[classes, row.size, column.size]`
   * @param at its place in the tiling
   */
  add(probabilities: Float32Array, at: { row: number; column: number }): void {
    const { width } = this
    const [row, column] = [this.tiling.rows[at.row], this.tiling.columns[at.column]] as [AxisTile, AxisTile]
    if (row.from > this.top) this.moveTo(row.from)
    const { sums } = this
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

  /**
   * The rows of a row of tiles that are done, once all of its tiles are added. Their probabilities stay as they are until
   * tiles of the row after the next one are added.
   */
  take(row: number): Band {
    const { rows } = this.tiling
    const end = rows[row + 1]?.from ?? (rows[row] as AxisTile).to
    const height = Math.min(end, this.height) - this.top
    const planes = this.planes(0, height)
    return { y: this.top, height, labels: mostProbable(planes), probabilities: planes }
  }

  /** Lets go of the rows above `start`, and keeps what tiles have added below. */
  private moveTo(start: number): void {
    const target = this.spare
    this.planes(start - this.top, this.rows).forEach((kept, plane) => {
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
