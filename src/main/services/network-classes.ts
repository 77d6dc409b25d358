import { classColour } from '../../model/classes/palette.ts'
import type { WrittenClass } from '../imaging/label-writers/written-labels.ts'

/** The classes of a network as writers show them, by value; without names they are numbered. */
export function networkClasses(count: number, names: readonly string[] = []): WrittenClass[] {
  return Array.from({ length: count }, (_, value) => ({
    value,
    name: names[value] ?? `class ${value}`,
    colour: classColour(value),
  }))
}
