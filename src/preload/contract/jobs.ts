import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { problemSchema, procedure, withoutInput } from './base.ts'

/** Long work that goes on whatever page is shown; its number lasts until the application ends. */
export const jobIdSchema = z.int().positive()

export const jobSchema = z.strictObject({
  id: jobIdSchema,
  kind: z.enum(['training', 'segmentation']),
  /** "Training on 6 images", "Segmenting 240 images". */
  title: z.string(),
  state: z.enum(['preparing', 'running', 'paused', 'stopping', 'finished', 'stopped', 'failed', 'cancelled']),
  /** 0 to 1; of the preparation, then of the run. */
  fraction: z.number().min(0).max(1),
  /** What is going on: "step 120 of 600". */
  label: z.string(),
  secondsLeft: z.number().optional(),
  /** Why it failed. */
  problem: problemSchema.optional(),
  /** Of a training, once it has begun. */
  experiment: z.string().optional(),
  /** Of a training at work: what the network makes of an image, to be had at `trainingPreviewAddress`. */
  preview: z.strictObject({ image: z.int(), page: z.int(), step: z.int() }).optional(),
  /** Of a segmentation: how the files fare. */
  files: z
    .strictObject({
      done: z.int(),
      skipped: z.int(),
      failed: z.array(z.strictObject({ file: z.string(), problem: problemSchema })),
      total: z.int(),
      imagesPerSecond: z.number().optional(),
      outFolder: z.string(),
      /** What it makes, to be reviewed; see `./results.ts`. */
      result: z.int(),
    })
    .optional(),
})
export type Job = z.infer<typeof jobSchema>

const idSchema = z.strictObject({ id: jobIdSchema })

export const jobs = {
  /** All of this session's, newest first, now and whenever one changes, ten times a second at most. */
  watch: withoutInput.output(eventIterator(z.array(jobSchema))),
  pause: procedure.input(idSchema),
  goOn: procedure.input(idSchema),
  /** Ends at the next step or image; what there is, is kept, and it can be resumed. */
  stop: procedure.input(idSchema),
  /** Ends at once and gives its result up; of a segmentation, finished files stay. */
  cancel: procedure.input(idSchema),
  /** Takes one that has ended off the list. */
  dismiss: procedure.input(idSchema),
}
