import type { LabelClass } from '../../../preload/contract/classes.ts'
import type { ImportPreview } from '../../../preload/contract/labels.ts'
import { client } from '../../connection/client.ts'

/** What a class is called that an import makes: as in the file, else by its number, until the person says otherwise. */
export function newClassName(value: number, name?: string): string {
  return name ?? `class ${value}`
}

/**
 * Makes the classes that an import needs and the project does not have.
 * @returns the mapping to the classes as they are then: a new one takes the next free value
 */
export async function makeMissingClasses(
  mapping: ImportPreview['mapping'],
  classes: readonly LabelClass[],
): Promise<ImportPreview['mapping']> {
  const known = new Set(classes.map(({ value }) => value))
  const missing = new Set(mapping.flatMap(({ value }) => (value === null || known.has(value) ? [] : value)))
  const made = new Map<number, number>()
  for (const value of missing) {
    const name = mapping.find((each) => each.value === value)?.name
    const all = await client.classes.add({ name: newClassName(value, name) })
    const added = all.find((each) => !known.has(each.value))
    if (added === undefined) continue
    known.add(added.value)
    made.set(value, added.value)
  }
  return mapping.map((each) => ({ ...each, value: (each.value && made.get(each.value)) ?? each.value }))
}
