import { z } from 'zod'
import { idSchema, pathSchema, procedure } from './base.ts'
import { jobIdSchema } from './jobs.ts'
import { labelFormatSchema } from './label-formats.ts'

/** What is segmented. */
export const segmentedSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('project') }),
  z.strictObject({ kind: z.literal('images'), ids: z.array(idSchema).min(1).max(1_000_000) }),
  z.strictObject({ kind: z.literal('folder'), folder: pathSchema }),
])

/**
 * Whose touching objects are split: the place of a class among the network's, and how narrow a waist must be for that, as
 * a part of the width of what it joins. Objects of other classes stay whole.
 */
export const splittingSchema = z
  .array(z.strictObject({ classIndex: z.int().min(1).max(254), waist: z.number().min(0.2).max(1) }))
  .max(254)
export type Splitting = z.infer<typeof splittingSchema>

export const segmentationRequestSchema = z.strictObject({
  what: segmentedSchema,
  checkpoint: z.string().min(1).max(200),
  outFolder: pathSchema,
  probabilities: z.boolean(),
  overlays: z.boolean(),
  measurements: z.boolean(),
  /** What label maps are written as besides, for other programs. */
  formats: z.array(labelFormatSchema).max(labelFormatSchema.options.length).default([]),
  flips: z.boolean(),
  /** Of the objects that are measured, and of those in formats that hold objects. */
  splitting: splittingSchema.default([]),
  /** Whether files that no run left in the folder, or that were changed since, may be replaced. */
  overwrite: z.boolean(),
})
export type SegmentationRequest = z.infer<typeof segmentationRequestSchema>

export const segmentation = {
  /** Label maps are always written; a run of the same images with the same checkpoint goes on where it stopped. */
  start: procedure.input(segmentationRequestSchema).output(z.strictObject({ job: jobIdSchema })),
  /** Where the results of the project's images go until the person says otherwise, and the classes they will have. */
  suggest: procedure
    .input(z.strictObject({ checkpoint: z.string().min(1).max(200) }))
    .output(z.strictObject({ folder: pathSchema, classNames: z.array(z.string()) })),
}
