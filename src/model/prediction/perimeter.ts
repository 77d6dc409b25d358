import type { ObjectRow } from './object-rows.ts'

/** Which object a pixel on the border of one belongs to. */
interface BorderRow {
  /** With one pixel of padding on both sides: the key of border pixels, 0 elsewhere. */
  keys: Int32Array
  numbers: Int32Array
}

/**
 * Perimeters, row by row, as scikit-image's `perimeter(neighborhood=4)`: an object's border pixels are those with
 * a side towards something else or the image's edge; each counts 1, sqrt(2) or (1 + sqrt(2)) / 2 by the border
 * pixels around it.
 * Source: K. Benkrid, D. Crookes, A. Benkrid, "Design and FPGA implementation of a perimeter estimator" (2000).
 */
export class PerimeterCounter {
  private readonly width: number
  private readonly add: (objectNumber: number, length: number) => void
  private readonly lengths = lengthsByNeighbours()
  private twoAbove: BorderRow
  private above: BorderRow
  private rowBefore: Int32Array
  private row: Int32Array
  private numbers: Int32Array

  /** @param add called for each border pixel that has a length, with the number that the row gave it */
  constructor(width: number, add: (objectNumber: number, length: number) => void) {
    this.width = width
    this.add = add
    this.twoAbove = this.emptyBorder()
    this.above = this.emptyBorder()
    this.rowBefore = new Int32Array(width)
    this.row = this.rowBefore
    this.numbers = new Int32Array(width)
  }

  /** @param row kept, not copied */
  addRow({ keys, numbers }: Pick<ObjectRow, 'keys' | 'numbers'>): void {
    const border = this.borderOf(this.rowBefore, this.row, keys, this.numbers)
    this.count(this.twoAbove, this.above, border)
    this.twoAbove = this.above
    this.above = border
    this.rowBefore = this.row
    this.row = keys
    this.numbers = numbers
  }

  /** Counts the last rows. */
  finish(): void {
    const outside = new Int32Array(this.width)
    this.addRow({ keys: outside, numbers: outside })
    this.addRow({ keys: outside, numbers: outside })
  }

  private emptyBorder(): BorderRow {
    return { keys: new Int32Array(this.width + 2), numbers: new Int32Array(this.width) }
  }

  private borderOf(above: Int32Array, row: Int32Array, below: Int32Array, numbers: Int32Array): BorderRow {
    const border = this.emptyBorder()
    border.numbers = numbers
    for (let x = 0; x < this.width; x++) {
      const key = row[x] as number
      if (key === 0) continue
      const inside = above[x] === key && below[x] === key && row[x - 1] === key && row[x + 1] === key
      if (!inside) border.keys[x + 1] = key
    }
    return border
  }

  private count(above: BorderRow, middle: BorderRow, below: BorderRow): void {
    for (let x = 1; x <= this.width; x++) {
      const key = middle.keys[x]
      if (key === 0) continue
      const same = (row: BorderRow, at: number) => (row.keys[at] === key ? 1 : 0)
      const sides = same(above, x) + same(below, x) + same(middle, x - 1) + same(middle, x + 1)
      const corners = same(above, x - 1) + same(above, x + 1) + same(below, x - 1) + same(below, x + 1)
      const length = this.lengths[1 + 2 * sides + 10 * corners] as number
      if (length > 0) this.add(middle.numbers[x - 1] as number, length)
    }
  }
}

/** By 1 + 2 * (border pixels at the sides) + 10 * (at the corners). */
function lengthsByNeighbours(): Float64Array {
  const lengths = new Float64Array(50)
  for (const code of [5, 7, 15, 17, 25, 27]) lengths[code] = 1
  for (const code of [21, 33]) lengths[code] = Math.SQRT2
  for (const code of [13, 23]) lengths[code] = (1 + Math.SQRT2) / 2
  return lengths
}
