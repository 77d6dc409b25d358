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
  /** `file`: one, of any kind. */
  what: z.enum(['folder', 'images', 'file']),
  /** Where to begin. */
  folder: pathSchema.optional(),
})
export type Choice = z.infer<typeof choiceSchema>

/** Choosing files: by the system's dialog at the desktop; in a browser by `roots` and `list`, which show the server's. */
export const folders = {
  /** Desktop only. null: the person closed the dialog. One path where a folder is asked for. */
  choose: procedure.input(choiceSchema).output(z.array(pathSchema).nullable()),
  /** The folders that the server shows; it takes no path outside of them, from any procedure. None at the desktop. */
  roots: withoutInput.output(z.array(folderEntrySchema)),
  /** Without hidden ones; folders first, in natural order. */
  list: procedure.input(z.strictObject({ folder: pathSchema })).output(
    z.strictObject({
      folder: pathSchema,
      /** null at a root. */
      parent: pathSchema.nullable(),
      entries: z.array(folderEntrySchema),
    }),
  ),
  /** Makes a folder in a folder. */
  make: procedure
    .input(z.strictObject({ folder: pathSchema, name: z.string().min(1).max(200) }))
    .output(folderEntrySchema),
}
