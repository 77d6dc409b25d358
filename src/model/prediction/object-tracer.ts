/**
 * Connected components, row by row: pixels of one class that touch by a side or a corner are one object
 * (8-connectivity, as in ImageJ's Analyze Particles). Holds one row and four bytes a provisional number, whatever
 * the height of the image. Union-find with path halving; the smaller number becomes the root, so that an object's
 * root is the number of its first pixel in reading order.
 */
export class ObjectTracer {
  private readonly width: number
  private readonly traced: (value: number) => boolean
  private parents = new Int32Array(1024)
  private used = 1
  private previousValues: Uint8Array
  private previousNumbers: Int32Array

  /** @param traced which classes have objects; pixels of others get the number 0 */
  constructor(width: number, traced: (value: number) => boolean) {
    this.width = width
    this.traced = traced
    this.previousValues = new Uint8Array(width)
    this.previousNumbers = new Int32Array(width)
  }

  /**
   * Takes the next row of classes and returns a provisional number for each of its pixels, 0 for none. Numbers
   * that later rows join have the same `rootOf` in the end.
   */
  addRow(values: Uint8Array): Int32Array {
    const { width, previousValues, previousNumbers } = this
    const numbers = new Int32Array(width)
    for (let x = 0; x < width; x++) {
      const value = values[x] as number
      if (!this.traced(value)) continue
      let number = 0
      if (x > 0 && values[x - 1] === value) number = numbers[x - 1] as number
      for (let above = Math.max(0, x - 1); above <= x + 1 && above < width; above++) {
        const numberAbove = previousNumbers[above] as number
        if (numberAbove === 0 || previousValues[above] !== value) continue
        number = number === 0 ? this.rootOf(numberAbove) : this.join(number, numberAbove)
      }
      numbers[x] = number === 0 ? this.newNumber() : number
    }
    this.previousValues = values.slice()
    this.previousNumbers = numbers
    return numbers
  }

  /** The number that stands for the whole object, of all rows so far, that a provisional number belongs to. */
  rootOf(number: number): number {
    const { parents } = this
    let root = number
    while (parents[root] !== root) {
      const grandparent = parents[parents[root] as number] as number
      parents[root] = grandparent
      root = grandparent
    }
    return root
  }

  private join(first: number, second: number): number {
    const firstRoot = this.rootOf(first)
    const secondRoot = this.rootOf(second)
    const root = Math.min(firstRoot, secondRoot)
    this.parents[Math.max(firstRoot, secondRoot)] = root
    return root
  }

  /** A number for an object of its own, which no row has. */
  newNumber(): number {
    if (this.used === this.parents.length) {
      const larger = new Int32Array(this.used * 2)
      larger.set(this.parents)
      this.parents = larger
    }
    this.parents[this.used] = this.used
    return this.used++
  }
}
