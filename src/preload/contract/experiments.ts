import { z } from 'zod'
import { idSchema, pathSchema, procedure, withoutInput } from './base.ts'
import { colourSchema } from './classes.ts'
import { trainingWishesSchema } from './training.ts'

export const experimentIdSchema = z.string().min(1).max(200)

export const experimentRowSchema = z.strictObject({
  id: experimentIdSchema,
  status: z.enum(['queued', 'running', 'finished', 'stopped', 'failed', 'cancelled', 'interrupted']),
  /** ISO 8601, UTC. */
  created: z.string(),
  ended: z.string().optional(),
  failure: z.string().optional(),
  steps: z.int(),
  stepsDone: z.int(),
  /** Mean Dice of all classes but the background, of its best checkpoint. */
  dice: z.number().optional(),
  images: z.int(),
  canResume: z.boolean(),
})
export type ExperimentRow = z.infer<typeof experimentRowSchema>

/** Not-a-number travels as null: a class that is nowhere has no score. */
const scoreSchema = z.number().nullable()

export const curvesSchema = z.strictObject({
  classNames: z.array(z.string()),
  steps: z.array(z.strictObject({ step: z.int(), loss: z.number().nullable(), milliseconds: z.number() })),
  validations: z.array(
    z.strictObject({
      step: z.int(),
      loss: z.number().nullable(),
      dice: z.array(scoreSchema),
      best: z.boolean(),
    }),
  ),
})
export type Curves = z.infer<typeof curvesSchema>

export const experimentDetailsSchema = experimentRowSchema.extend({
  seed: z.int(),
  /** What was asked for, to train so again; without minutes where a number of steps was. */
  wishes: trainingWishesSchema.partial({ minutes: true }),
  engine: z.string(),
  versions: z.record(z.string(), z.string()),
  decisions: z.array(z.strictObject({ topic: z.string(), decision: z.string(), reason: z.string() })),
  data: z.array(
    z.strictObject({
      image: idSchema,
      page: z.int().nonnegative(),
      path: pathSchema,
      split: z.enum(['training', 'validation']),
    }),
  ),
})
export type ExperimentDetails = z.infer<typeof experimentDetailsSchema>

export const checkpointSchema = z.strictObject({
  id: z.string(),
  experiment: experimentIdSchema.optional(),
  kind: z.enum(['best', 'last', 'imported']),
  step: z.int(),
  /** Of its network, the background first; empty where nobody knows them. */
  classes: z.array(z.strictObject({ name: z.string(), colour: colourSchema })),
  /** By class name; null for a class that is nowhere. */
  dice: z.array(z.strictObject({ name: z.string(), dice: scoreSchema })),
  bytes: z.number(),
  created: z.string(),
  name: z.string().optional(),
  starred: z.boolean(),
  note: z.string().optional(),
  /** Its file is not there. */
  missing: z.boolean(),
  /** What was segmented with it (see `./results.ts`), the latest first. */
  results: z.array(z.int()),
})
export type Checkpoint = z.infer<typeof checkpointSchema>

const checkpointIdSchema = z.strictObject({ id: z.string().min(1).max(200) })

export const experiments = {
  /** Newest first. */
  list: withoutInput.output(z.array(experimentRowSchema)),
  details: procedure.input(z.strictObject({ id: experimentIdSchema })).output(experimentDetailsSchema),
  /** From a step on, to draw curves that grow. */
  curves: procedure
    .input(z.strictObject({ id: experimentIdSchema, afterStep: z.int().min(0) }))
    .output(curvesSchema),
}

export const checkpoints = {
  /** Newest first. */
  list: withoutInput.output(z.array(checkpointSchema)),
  annotate: procedure
    .input(
      checkpointIdSchema.extend({
        name: z.string().trim().max(120).nullable(),
        starred: z.boolean(),
        note: z.string().max(4000).nullable(),
      }),
    )
    .output(checkpointSchema),
  export: procedure.input(
    checkpointIdSchema.extend({
      file: pathSchema,
      format: z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('safetensors') }),
        /** With NAME.md beside it, which says how to use it. */
        z.strictObject({ kind: z.literal('onnx') }),
        z.strictObject({
          kind: z.literal('bioimageio'),
          name: z.string().max(200),
          description: z.string().max(1000),
          authors: z.array(z.string().max(200)).max(50),
          /** An SPDX identifier. */
          license: z.string().max(60),
          /** Whether the middle of an image of the project becomes the package's example. */
          showImage: z.boolean(),
        }),
      ]),
      replace: z.boolean(),
    }),
  ),
  import: procedure.input(z.strictObject({ file: pathSchema })).output(checkpointSchema),
  /** The network that comes with Segscope becomes one of the project's; where there is no class but the background, one for what it finds is added. */
  addStartingNetwork: withoutInput.output(checkpointSchema),
  /** What a clean-up would free: last states and files of runs that are neither starred, best, running nor used. */
  cleanUpPreview: withoutInput.output(
    z.strictObject({
      files: z.array(
        z.strictObject({
          file: pathSchema,
          bytes: z.number(),
          why: z.string(),
          experiment: experimentIdSchema,
          /** It is deleted as any other, and can be brought back; absent of a state, of which nothing could be made: that goes at once. */
          checkpoint: z.string().optional(),
        }),
      ),
    }),
  ),
  cleanUp: procedure.input(z.strictObject({ files: z.array(pathSchema).max(10_000) })).output(
    z.strictObject({
      /** By what went at once. */
      freed: z.number(),
      /** What is deleted and can be brought back (see `./deletions.ts`). */
      checkpoints: z.array(z.string()),
    }),
  ),
}
