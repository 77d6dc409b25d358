import type { Band } from './band.ts'
import type { AxisTile, Tiling } from './tiling.ts'

/**
 * Classes of one row of tiles after the other, where nobody asked for probabilities: what no other tile changes becomes a class at once, so that
 * only what neighbours share is kept as numbers. In an image 20,000 pixels wide that is a tenth of what `BandAccumulator` needs, with
 * the same classes.
 */
export class LabelAccumulator {
  readonly #classes: number
  readonly #width: number
  readonly #height: number
  readonly #tiling: Tiling
  /** `[rows, width]`, of the row of tiles under way. */
  readonly #labels: Uint8Array
  /** `[classes, rows, columns]` of the tile under way. */
  readonly #sums: Float32Array
  /** `[classes, rows, blend]`: what the tile before has added where this one goes on. */
  readonly #edge: Float32Array
  /** `[classes, blend, width]`: what the row of tiles above has added where this one goes on. */
  readonly #seam: Float32Array
  /** Rows and columns of the largest tile that count, and those that neighbours share. */
  readonly #rows: number
  readonly #columns: number
  readonly #blend: number

  /** @param width of the image, without padding; `height` too */
  constructor(classes: number, width: number, height: number, tiling: Tiling) {
    const counted = (tiles: readonly AxisTile[]): number =>
      Math.max(...tiles.map(({ from, to }) => to - from))
    this.#classes = classes
    this.#width = width
    this.#height = height
    this.#tiling = tiling
    this.#rows = counted(tiling.rows)
    this.#columns = counted(tiling.columns)
    this.#blend = Math.max(sharedPixels(tiling.rows), sharedPixels(tiling.columns))
    this.#labels = new Uint8Array(this.#rows * width)
    this.#sums = new Float32Array(classes * this.#rows * this.#columns)
    this.#edge = new Float32Array(classes * this.#rows * this.#blend)
    this.#seam = new Float32Array(classes * this.#blend * width)
  }

  /**
   * Adds a tile; those of a row from left to right, rows from top to bottom.
   * @param probabilities of the tile: `[classes, row.size, column.size]`
   * @param at its place in the tiling
   */
  add(probabilities: Float32Array, at: { row: number; column: number }): void {
    const { rows, columns } = this.#tiling
    const [row, column] = [rows[at.row], columns[at.column]] as [AxisTile, AxisTile]
    const [above, below] = [rows[at.row - 1], rows[at.row + 1]]
    const [left, right] = [columns[at.column - 1], columns[at.column + 1]]
    const bottom = Math.min(row.to, this.#height)
    const end = Math.min(column.to, this.#width)
    // Up to here nothing is added any more.
    const doneRows = Math.min(below?.from ?? bottom, bottom)
    const doneColumns = Math.min(right?.from ?? end, end)
    for (let plane = 0; plane < this.#classes; plane++) {
      for (let y = row.from; y < bottom; y++) {
        const rowWeight = row.weights[y - row.start] as number
        const source = (plane * row.size + y - row.start) * column.size - column.start
        const sums = (plane * this.#rows + y - row.from) * this.#columns - column.from
        for (let x = column.from; x < end; x++) {
          const weight = rowWeight * (column.weights[x - column.start] as number)
          this.#sums[sums + x] = weight * (probabilities[source + x] as number)
        }
        const seam = (plane * this.#blend + y - row.from) * this.#width
        if (above !== undefined && y < above.to) {
          // The tile at the left has brought its part of the seam along.
          for (let x = left?.to ?? column.from; x < end; x++) {
            this.#sums[sums + x] = (this.#sums[sums + x] as number) + (this.#seam[seam + x] as number)
          }
        }
        const edge = (plane * this.#rows + y - row.from) * this.#blend
        for (let x = column.from; x < Math.min(left?.to ?? 0, end); x++) {
          this.#sums[sums + x] =
            (this.#sums[sums + x] as number) + (this.#edge[edge + x - column.from] as number)
        }
        for (let x = doneColumns; x < end; x++) {
          this.#edge[edge + x - doneColumns] = this.#sums[sums + x] as number
        }
        if (y >= doneRows) {
          const next = (plane * this.#blend + y - doneRows) * this.#width
          this.#seam.set(this.#sums.subarray(sums + column.from, sums + doneColumns), next + column.from)
        }
      }
    }
    for (let y = row.from; y < doneRows; y++) this.#decide(y - row.from, column.from, doneColumns)
  }

  /** The class of the largest value; the first one where several are equal. */
  #decide(row: number, from: number, to: number): void {
    const step = this.#rows * this.#columns
    for (let x = from; x < to; x++) {
      const first = row * this.#columns + x - from
      let [largest, label] = [this.#sums[first] as number, 0]
      for (let plane = 1; plane < this.#classes; plane++) {
        const value = this.#sums[first + plane * step] as number
        if (value > largest) [largest, label] = [value, plane]
      }
      this.#labels[row * this.#width + x] = label
    }
  }

  /** The rows of a row of tiles that are done, once all of its tiles are added. */
  take(row: number): Band {
    const { rows } = this.#tiling
    const { from, to } = rows[row] as AxisTile
    const height = Math.min(rows[row + 1]?.from ?? to, this.#height) - from
    return { y: from, height, labels: this.#labels.slice(0, height * this.#width), probabilities: undefined }
  }
}

/** Over how many pixels neighbours fade into one another; 0 where there is one tile. */
function sharedPixels(tiles: readonly AxisTile[]): number {
  return Math.max(0, ...tiles.slice(1).map((tile, index) => (tiles[index] as AxisTile).to - tile.from))
}
