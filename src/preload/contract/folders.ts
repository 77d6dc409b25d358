import { z } from 'zod'
import { pathSchema, procedure, withoutInput } from './base.ts'

export const folderEntrySchema = z.strictObject({
  name: z.string(),
  path: pathSchema,
  kind: z.enum(['folder', 'image', 'file']),
  /** A folder that holds a Segscope project. */
  project: z.boolean(),
})
export type FolderEntry = z.infer<typeof folderEntrySchema>

/** What a person is asked to choose. */
export const choiceSchema = z.strictObject({
  title: z.string().max(200),
  what: z.enum(['folder', 'images']),
  /** Where to begin. */
  folder: pathSchema.optional(),
})

/** Choosing files: by the system's dialog at the desktop; in a browser by `roots` and `list`, which show the server's. */
export const folders = {
  /** Desktop only. null: the person closed the dialog. */
  choose: procedure.input(choiceSchema).output(z.array(pathSchema).nullable()),
  /** The folders that the server may show. */
  roots: withoutInput.output(z.array(folderEntrySchema)),
  list: procedure.input(z.strictObject({ folder: pathSchema })).output(
    z.strictObject({
      folder: pathSchema,
      /** null at a root. */
      parent: pathSchema.nullable(),
      entries: z.array(folderEntrySchema),
    }),
  ),
  make: procedure
    .input(z.strictObject({ folder: pathSchema, name: z.string().min(1).max(200) }))
    .output(folderEntrySchema),
}
