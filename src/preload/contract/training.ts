import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { pathSchema, procedure, progressSchema, withoutInput } from './base.ts'
import { classValueSchema } from './classes.ts'
import { jobIdSchema } from './jobs.ts'
import { planeSchema } from './labels.ts'

export const startingPointSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('scratch') }),
  /** The network that comes with Segscope. */
  z.strictObject({ kind: z.literal('starting network') }),
  /** ImageNet weights or a checkpoint, from a file. */
  z.strictObject({ kind: z.literal('file'), file: pathSchema }),
  z.strictObject({ kind: z.literal('checkpoint'), checkpoint: z.string().max(200) }),
])

export const trainingWishesSchema = z.strictObject({
  /** Of training, from the first step on. */
  minutes: z.number().min(0.1).max(10_000),
  seed: z.int().min(0).max(0xffffffff),
  start: startingPointSchema,
  freezeEncoder: z.boolean(),
  /** That which the time is enough for, where undefined. */
  decoder: z.enum(['pix2pix', 'slim']).optional(),
})
export type TrainingWishes = z.infer<typeof trainingWishesSchema>

export const findingSchema = z.strictObject({
  severity: z.enum(['stop', 'warning']),
  code: z.string(),
  message: z.string(),
  remedy: z.string(),
})
export type Finding = z.infer<typeof findingSchema>

/** What can be said at once, from the labels' counts: before anything is read. */
export const preFlightSchema = z.strictObject({
  labelledImages: z.int(),
  classes: z.array(
    z.strictObject({ value: classValueSchema, name: z.string(), pixels: z.int(), images: z.int() }),
  ),
  findings: z.array(findingSchema),
})
export type PreFlight = z.infer<typeof preFlightSchema>

/** A plan in words, each decision with its reason. */
export const planSummarySchema = z.strictObject({
  steps: z.int(),
  minutes: z.number(),
  stepMilliseconds: z.number().optional(),
  decisions: z.array(z.strictObject({ topic: z.string(), decision: z.string(), reason: z.string() })),
  findings: z.array(findingSchema),
  trainingImages: z.int(),
  validationImages: z.int(),
})
export type PlanSummary = z.infer<typeof planSummarySchema>

export const training = {
  preFlight: withoutInput.output(preFlightSchema),
  /** Reads the images, measures a step and plans, without keeping anything. */
  plan: procedure
    .input(trainingWishesSchema)
    .output(
      eventIterator(
        z.discriminatedUnion('kind', [
          progressSchema,
          z.strictObject({ kind: z.literal('done'), plan: planSummarySchema }),
        ]),
      ),
    ),
  /** Prepares and trains, as a job of its own. Labelling goes on meanwhile: it trains on the labels as they are now. */
  start: procedure.input(trainingWishesSchema).output(z.strictObject({ job: jobIdSchema })),
  /** From now on its preview is of this image, which it is measured on. What has ended is left as it is. */
  preview: procedure.input(planeSchema.extend({ job: jobIdSchema })),
  resume: procedure
    .input(z.strictObject({ experiment: z.string().max(200) }))
    .output(z.strictObject({ job: jobIdSchema })),
}
