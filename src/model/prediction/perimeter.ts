import { UNLABELLED } from '../images/label-map.ts'

/** Which object a pixel on the border of its class belongs to. */
interface BorderRow {
  /** With one pixel of padding on both sides: the class of border pixels, UNLABELLED elsewhere. */
  classes: Uint8Array
  numbers: Int32Array
}

/**
 * Perimeters, row by row, as scikit-image's `perimeter(neighborhood=4)`: an object's border pixels are those with
 * a side towards something else or the image's edge; each counts 1, sqrt(2) or (1 + sqrt(2)) / 2 by the border
 * pixels around it.
 * Source: K. Benkrid, D. Crookes, A. Benkrid, "Design and FPGA implementation of a perimeter estimator" (2000).
 *
 * Objects must be 8-connected: then neighbours of the same class are always of the same object.
 */
export class PerimeterCounter {
  private readonly width: number
  private readonly add: (objectNumber: number, length: number) => void
  private readonly lengths = lengthsByNeighbours()
  private twoAbove: BorderRow
  private above: BorderRow
  private rowBefore: Uint8Array
  private row: Uint8Array
  private numbers: Int32Array

  /** @param add called for each border pixel that has a length, with the number that the row gave it */
  constructor(width: number, add: (objectNumber: number, length: number) => void) {
    this.width = width
    this.add = add
    this.twoAbove = this.emptyBorder()
    this.above = this.emptyBorder()
    this.rowBefore = new Uint8Array(width).fill(UNLABELLED)
    this.row = this.rowBefore
    this.numbers = new Int32Array(width)
  }

  /** @param numbers of the objects in this row, 0 for none; kept, not copied */
  addRow(values: Uint8Array, numbers: Int32Array): void {
    const border = this.borderOf(this.rowBefore, this.row, values, this.numbers)
    this.count(this.twoAbove, this.above, border)
    this.twoAbove = this.above
    this.above = border
    this.rowBefore = this.row
    this.row = values.slice()
    this.numbers = numbers
  }

  /** Counts the last rows. */
  finish(): void {
    const outside = new Uint8Array(this.width).fill(UNLABELLED)
    this.addRow(outside, new Int32Array(this.width))
    this.addRow(outside, new Int32Array(this.width))
  }

  private emptyBorder(): BorderRow {
    return { classes: new Uint8Array(this.width + 2).fill(UNLABELLED), numbers: new Int32Array(this.width) }
  }

  private borderOf(above: Uint8Array, row: Uint8Array, below: Uint8Array, numbers: Int32Array): BorderRow {
    const border = this.emptyBorder()
    border.numbers = numbers
    for (let x = 0; x < this.width; x++) {
      if (numbers[x] === 0) continue
      const value = row[x] as number
      const inside = above[x] === value && below[x] === value && row[x - 1] === value && row[x + 1] === value
      if (!inside) border.classes[x + 1] = value
    }
    return border
  }

  private count(above: BorderRow, middle: BorderRow, below: BorderRow): void {
    for (let x = 1; x <= this.width; x++) {
      const value = middle.classes[x]
      if (value === UNLABELLED) continue
      const same = (row: BorderRow, at: number) => (row.classes[at] === value ? 1 : 0)
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
