import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { idSchema, pathSchema, problemSchema, procedure, progressSchema } from './base.ts'
import { classValueSchema } from './classes.ts'
import { labelExportFormatSchema } from './label-formats.ts'

/** One page of one image, which has labels of its own. */
export const planeSchema = z.strictObject({ image: idSchema, page: z.int().nonnegative() })
export type Plane = z.infer<typeof planeSchema>

/** Where a plane's labels stand. */
export const labelStateSchema = z.strictObject({
  /** Grows by one with every change. */
  revision: z.int(),
  /** Strokes that can be taken back, and brought back. */
  undo: z.int(),
  redo: z.int(),
  /** Labelled pixels, by class value. */
  pixels: z.array(z.strictObject({ value: classValueSchema, pixels: z.int() })),
})
export type LabelState = z.infer<typeof labelStateSchema>

/** The state, and the tiles that are to be fetched anew: [column, row] of each. */
export const labelChangeSchema = labelStateSchema.extend({
  tiles: z.array(z.tuple([z.int(), z.int()])),
})
export type LabelChange = z.infer<typeof labelChangeSchema>

/** What the values of label files stand for (see docs/formats.md). */
export const labelValuesSchema = z.enum(['classes', 'binary', 'zero-unlabelled'])

const importSchema = z.strictObject({
  folder: pathSchema,
  /** What follows the image's name in the label's: `_labels`; undefined: guessed. */
  suffix: z.string().max(100).optional(),
  /** Undefined: guessed, and asked for where the files allow two readings. */
  values: labelValuesSchema.optional(),
})

/** One pair of an import, as it would be. */
export const importPairSchema = z.strictObject({
  image: idSchema,
  label: pathSchema,
  /** Why it cannot be taken: another size, not a label image. */
  problem: problemSchema.optional(),
  /** The image has labels already, which the import would replace. */
  replaces: z.boolean(),
})

export const importPreviewSchema = z.strictObject({
  pairs: z.array(importPairSchema),
  /** Images for which the folder has no label file. */
  unpaired: z.int(),
  suffix: z.string(),
  values: labelValuesSchema.optional(),
  /** Why the values are not certain, where they are not. */
  ambiguity: z.string().optional(),
  /**
   * Stored values that were found, with the class that each becomes: null for 'not labelled'. The class may be one that
   * the project does not have yet: importing needs it. Where values are `binary`, 1 stands for all but 0.
   */
  mapping: z.array(
    z.strictObject({
      stored: z.int(),
      value: classValueSchema.nullable(),
      /** Of the class in a file of shapes. */
      name: z.string().optional(),
    }),
  ),
})
export type ImportPreview = z.infer<typeof importPreviewSchema>

export const labels = {
  state: procedure.input(planeSchema).output(labelStateSchema),
  undo: procedure.input(planeSchema).output(labelChangeSchema),
  redo: procedure.input(planeSchema).output(labelChangeSchema),
  /** Takes the labels of the page before (or, of single pages, the image before in natural order), as one stroke. */
  copyFromPrevious: procedure.input(planeSchema).output(labelChangeSchema),
  previewImport: procedure.input(importSchema).output(importPreviewSchema),
  import: procedure
    .input(
      importSchema.extend({
        mapping: z
          .array(
            z.strictObject({
              stored: z.int(),
              value: classValueSchema.nullable(),
              name: z.string().optional(),
            }),
          )
          .max(255),
        replace: z.boolean(),
      }),
    )
    .output(
      eventIterator(
        z.discriminatedUnion('kind', [
          progressSchema,
          z.strictObject({
            kind: z.literal('done'),
            imported: z.int(),
            /** Images whose labels were kept, as replacing was not asked for. */
            kept: z.int(),
            failed: z.array(z.strictObject({ file: pathSchema, problem: problemSchema })),
          }),
        ]),
      ),
    ),
  /** Writes label maps, named as their images, into a folder; files that are there are replaced only if told so. */
  export: procedure
    .input(
      z.strictObject({
        folder: pathSchema,
        format: labelExportFormatSchema,
        ids: z.array(idSchema).max(1_000_000).optional(),
        replace: z.boolean(),
      }),
    )
    .output(
      eventIterator(
        z.discriminatedUnion('kind', [
          progressSchema,
          z.strictObject({
            kind: z.literal('done'),
            written: z.int(),
            /** Files that were there and were kept, as replacing was not asked for. */
            kept: z.int(),
            failed: z.array(z.strictObject({ file: pathSchema, problem: problemSchema })),
          }),
        ]),
      ),
    ),
}
