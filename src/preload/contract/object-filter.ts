import { z } from 'zod'

/** Which objects of a result count. */
export const objectFilterSchema = z.strictObject({
  /** A place in the result's classes; undefined: all. */
  classIndex: z.int().positive().optional(),
  /** In pixels. */
  smallest: z.number().nonnegative(),
  /** undefined: no limit. */
  largest: z.number().positive().optional(),
  withoutEdge: z.boolean(),
})
export type ObjectFilter = z.infer<typeof objectFilterSchema>

export const allObjects: ObjectFilter = { smallest: 0, withoutEdge: false }

export function passes(
  filter: ObjectFilter,
  { classIndex, area, touchesEdge }: { classIndex: number; area: number; touchesEdge: boolean },
): boolean {
  return (
    (filter.classIndex === undefined || filter.classIndex === classIndex) &&
    area >= filter.smallest &&
    (filter.largest === undefined || area <= filter.largest) &&
    !(filter.withoutEdge && touchesEdge)
  )
}
