export interface ObjectMap {
  /** `[height, width]`: 0 outside, 1 ... count for the objects, in reading order of their first pixels. */
  instances: Int32Array
  count: number
}

/** Numbers the objects of a map that does so in any way, 0 for none, anew, in place. */
export function numberInOrder(instances: Int32Array): ObjectMap {
  const numbers = new Map<number, number>()
  for (let at = 0; at < instances.length; at++) {
    const own = instances[at] as number
    if (own === 0) continue
    let number = numbers.get(own)
    if (number === undefined) {
      number = numbers.size + 1
      numbers.set(own, number)
    }
    instances[at] = number
  }
  return { instances, count: numbers.size }
}
