import { z } from 'zod'
import { nameSchema, procedure, withoutInput } from './base.ts'

/** The value that labels store; 0 is the background, which is always there. 255 stands for 'not labelled'. */
export const classValueSchema = z.int().min(0).max(254)
export const colourSchema = z.string().regex(/^#[0-9a-fA-F]{6}$/, 'a colour such as #E69F00')
/** The digit that chooses the class while labelling. */
export const classKeySchema = z.string().regex(/^[0-9]$/, 'a digit')

export const classSchema = z.strictObject({
  value: classValueSchema,
  name: nameSchema,
  colour: colourSchema,
  key: classKeySchema.optional(),
})
export type LabelClass = z.infer<typeof classSchema>

/** In the order that the person chose. Every change answers with all of them. */
const classesSchema = z.array(classSchema)

export const classes = {
  list: withoutInput.output(classesSchema),
  /** Without a colour or key, the next free one is taken. */
  add: procedure
    .input(z.strictObject({ name: nameSchema, colour: colourSchema.optional() }))
    .output(classesSchema),
  change: procedure
    .input(
      z.strictObject({
        value: classValueSchema,
        name: nameSchema.optional(),
        colour: colourSchema.optional(),
        /** null takes the key away. */
        key: classKeySchema.nullable().optional(),
      }),
    )
    .output(classesSchema),
  reorder: procedure
    .input(z.strictObject({ values: z.array(classValueSchema).max(255) }))
    .output(classesSchema),
  /** How many pixels, on how many images, are labelled with the class: what deleting it would drop. */
  count: procedure
    .input(z.strictObject({ value: classValueSchema }))
    .output(z.strictObject({ pixels: z.int(), images: z.int() })),
  /** Drops its labels too. The history of the images that had some ends there. */
  remove: procedure.input(z.strictObject({ value: classValueSchema })).output(classesSchema),
}
