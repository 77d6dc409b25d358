/** Rows of one level that are complete: as many as a row of tiles has, or the last ones. */
export interface LevelRows {
  level: number
  rows: Uint8Array
}

/**
 * The levels of a label map, each half of the one before, down to one tile, made while rows arrive from the top. A pixel
 * takes the class of the top left one of the four that it stands for: classes have no mean.
 */
export class LabelPyramid {
  readonly levels: readonly { width: number; height: number }[]
  readonly #tileSize: number
  /** Of each level, the rows that wait for their row of tiles to be full. */
  readonly #waiting: { rows: Uint8Array[]; seen: number }[]

  constructor(width: number, height: number, tileSize: number) {
    const levels = [{ width, height }]
    for (let last = { width, height }; Math.max(last.width, last.height) > tileSize;) {
      last = { width: Math.ceil(last.width / 2), height: Math.ceil(last.height / 2) }
      levels.push(last)
    }
    this.levels = levels
    this.#tileSize = tileSize
    this.#waiting = levels.map(() => ({ rows: [], seen: 0 }))
  }

  /**
   * @param band `[rows, width]`, the next ones of the full level
   * @returns what became complete, in order
   */
  add(band: Uint8Array): LevelRows[] {
    const complete: LevelRows[] = []
    const { width } = this.levels[0] as { width: number }
    for (let at = 0; at < band.length; at += width) this.#addRow(0, band.slice(at, at + width), complete)
    return complete
  }

  #addRow(level: number, row: Uint8Array, complete: LevelRows[]): void {
    const size = this.levels[level]
    const waiting = this.#waiting[level]
    if (size === undefined || waiting === undefined) return
    const isEven = waiting.seen % 2 === 0
    waiting.rows.push(row)
    waiting.seen++
    if (isEven) this.#addRow(level + 1, halve(row), complete)
    if (waiting.rows.length === this.#tileSize || waiting.seen === size.height) {
      complete.push({ level, rows: Buffer.concat(waiting.rows) })
      waiting.rows = []
    }
  }
}

function halve(row: Uint8Array): Uint8Array {
  return Uint8Array.from({ length: Math.ceil(row.length / 2) }, (_, index) => row[2 * index] as number)
}
