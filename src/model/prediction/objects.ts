import type { LabelMap } from '../images/label-map.ts'
import { numberInOrder, type ObjectMap } from './number-in-order.ts'
import { type ObjectRow, ObjectRows } from './object-rows.ts'

/**
 * The objects of one class of a label map in memory, 8-connected.
 * @param waist splits those that touch, as `splitObject` does
 */
export function findObjects(labels: LabelMap, classValue: number, waist?: number): ObjectMap {
  const { width, height, values } = labels
  const splitting = new Map(waist === undefined ? [] : [[classValue, waist]])
  const rows = new ObjectRows(width, splitting, { traced: (value) => value === classValue })
  const instances = new Int32Array(width * height)
  const keep = (done: readonly ObjectRow[]): void =>
    done.forEach(({ y, numbers }) => instances.set(numbers, y * width))
  for (let y = 0; y < height; y++) keep(rows.addRow(values.subarray(y * width, (y + 1) * width)))
  keep(rows.finish())
  for (let at = 0; at < instances.length; at++) {
    if (instances[at] !== 0) instances[at] = rows.rootOf(instances[at] as number)
  }
  return numberInOrder(instances)
}
