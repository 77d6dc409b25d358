import type { ObjectRow } from './object-rows.ts'

/**
 * Where objects that were split touch: the sides between two pixels of one class that belong to different objects. Each is three
 * numbers: the column and row of the pixel on its right, or below it, and 0 for an upright side, 1 for a level one.
 */
export class SplitLines {
  readonly sides: number[] = []
  #above: ObjectRow | undefined

  addRows(rows: readonly ObjectRow[]): void {
    for (const row of rows) {
      const { y, values, keys } = row
      const above = this.#above
      for (let x = 0; x < keys.length; x++) {
        const key = keys[x] as number
        if (key <= 0) continue
        if (x > 0 && differs(key, keys[x - 1] as number) && values[x - 1] === values[x])
          this.sides.push(x, y, 0)
        if (above === undefined || above.values[x] !== values[x]) continue
        if (differs(key, above.keys[x] as number)) this.sides.push(x, y, 1)
      }
      this.#above = row
    }
  }
}

/** Objects of one class that touch are parts of one that was split; those have keys of their own. */
function differs(key: number, other: number): boolean {
  return other > 0 && other !== key
}
