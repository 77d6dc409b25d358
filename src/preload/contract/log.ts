import { z } from 'zod'
import { pathSchema, procedure, withoutInput } from './base.ts'

/** What went wrong and how work ended, without names of files, projects and classes: for a report of a problem. */
export const log = {
  read: withoutInput.output(z.strictObject({ text: z.string() })),
  /** Writes it into a folder. */
  save: procedure.input(z.strictObject({ folder: pathSchema })).output(z.strictObject({ file: pathSchema })),
}
