import { z } from 'zod'
import { eventIterator } from '@orpc/contract'
import { idSchema, pathSchema, problemSchema, procedure, progressSchema, withoutInput } from './base.ts'
import { classValueSchema, colourSchema } from './classes.ts'
import { labelChangeSchema, labelValuesSchema } from './labels.ts'
import { objectFilterSchema } from './object-filter.ts'
import { segmentationRequestSchema, splittingSchema } from './segmentation.ts'

export const verdictSchema = z.enum(['unseen', 'accepted', 'rejected'])
export type Verdict = z.infer<typeof verdictSchema>

/** A class of the network that made a result: the values of its label maps count these from 0, the background. */
export const resultClassSchema = z.strictObject({
  name: z.string(),
  /** The project's class that it stands for; null where it has none. */
  value: classValueSchema.nullable(),
  colour: colourSchema,
})
export type ResultClass = z.infer<typeof resultClassSchema>

/** What one checkpoint made in one folder. */
export const resultSchema = z.strictObject({
  id: idSchema,
  checkpoint: z.string(),
  /** What a person called the checkpoint. */
  checkpointName: z.string().optional(),
  outFolder: pathSchema,
  /** What was asked for: asking again goes on where it stopped. */
  request: segmentationRequestSchema,
  /** `interrupted`: the application ended meanwhile. */
  state: z.enum(['running', 'finished', 'stopped', 'failed', 'interrupted']),
  /** ISO 8601, UTC. */
  updated: z.string(),
  /** Images that were asked for. */
  total: z.int(),
  /** Images that are segmented, by what a person said of them. */
  unseen: z.int(),
  accepted: z.int(),
  rejected: z.int(),
  classes: z.array(resultClassSchema),
})
export type Result = z.infer<typeof resultSchema>

export const resultImageSchema = z.strictObject({
  id: idSchema,
  /** Of the project; null where the project does not have it. */
  image: idSchema.nullable(),
  path: pathSchema,
  /** The label map. */
  labels: pathSchema,
  verdict: verdictSchema,
  /** ISO 8601, UTC. */
  segmented: z.string(),
})
export type ResultImage = z.infer<typeof resultImageSchema>

/** A rectangle of image pixels. */
const boxSchema = z.strictObject({
  x: z.int().nonnegative(),
  y: z.int().nonnegative(),
  width: z.int().positive(),
  height: z.int().positive(),
})

/** null: not a number, as where an image has such pixels, or a class is nowhere. */
const scoreSchema = z.number().nullable()

/** As `src/model/prediction/measurements.ts` defines them; lengths in pixels. */
export const resultObjectSchema = z.strictObject({
  /** From 1, in reading order: as in a table of measurements. */
  number: z.int(),
  /** Of the network: a place in the result's classes. */
  classIndex: z.int(),
  /** Its first pixel in reading order, by which it is known. */
  first: z.strictObject({ x: z.int().nonnegative(), y: z.int().nonnegative() }),
  /** The rectangle around what it was split from; absent where it is whole. */
  splitFrom: boxSchema.optional(),
  area: z.number(),
  centroid: z.strictObject({ x: z.number(), y: z.number() }),
  box: boxSchema,
  perimeter: z.number(),
  /** null without a perimeter. */
  circularity: z.number().nullable(),
  eccentricity: z.number(),
  touchesEdge: z.boolean(),
  /** By channel, in the image's own values. */
  intensities: z.array(
    z.strictObject({ mean: scoreSchema, minimum: scoreSchema, maximum: scoreSchema, deviation: scoreSchema }),
  ),
})
export type ResultObject = z.infer<typeof resultObjectSchema>

export const agreementSchema = z.strictObject({
  /** Pages of images that are labelled. */
  compared: z.int(),
  /** Of these, those that are labelled all over: their objects are compared too. */
  whole: z.int(),
  /** Of these, those whose labels number their objects. */
  numbered: z.int(),
  /** Masks that could not be compared. */
  failed: z.array(z.strictObject({ file: z.string(), problem: problemSchema })),
  classes: z.array(
    z.strictObject({
      name: z.string(),
      /** null where neither labels nor result have the class. */
      dice: scoreSchema,
      iou: scoreSchema,
      /** Of objects at an IoU above 0.5; null for the background, and where no image is labelled all over. */
      objectF1: scoreSchema,
    }),
  ),
  /** Pixels, `[label][result]`. */
  matrix: z.array(z.array(z.number())),
})
export type Agreement = z.infer<typeof agreementSchema>

export const resultObjectsSchema = z.strictObject({
  objects: z.array(resultObjectSchema),
  /**
   * Sides of pixels where split objects touch, three numbers each: the column and row of the pixel on the right or below, and
   * 0 for an upright side, 1 for a level one.
   */
  splitLines: z.array(z.int()),
  /** Objects that are too large to be split, and were not. */
  tooLarge: z.int(),
})
export type ResultObjects = z.infer<typeof resultObjectsSchema>

/** A rectangle around one connected component, and what its parts are told apart by; without, it is one object. */
const componentSchema = z.strictObject({ box: boxSchema, waist: z.number().min(0.2).max(1).optional() })

/** One page of one segmented image. */
const resultPlaneSchema = z.strictObject({ id: idSchema, page: z.int().nonnegative() })

export const results = {
  /** Those worked on last come first. */
  list: withoutInput.output(z.array(resultSchema)),
  /** In the natural order of their names. */
  images: procedure.input(z.strictObject({ result: idSchema })).output(z.array(resultImageSchema)),
  /** Measured anew each time. */
  objects: procedure
    .input(resultPlaneSchema.extend({ splitting: splittingSchema }))
    .output(resultObjectsSchema),
  /** The first pixel of the object at a place, of those that lie in these rectangles; null where none does. */
  objectAt: procedure
    .input(
      resultPlaneSchema.extend({
        classIndex: z.int().positive(),
        at: z.strictObject({ x: z.int().nonnegative(), y: z.int().nonnegative() }),
        components: z.array(componentSchema).min(1).max(1000),
      }),
    )
    .output(resultObjectSchema.shape.first.nullable()),
  /** How the objects of a result are split from now on, also when it is segmented anew. */
  setSplitting: procedure.input(z.strictObject({ result: idSchema, splitting: splittingSchema })),
  setVerdict: procedure.input(
    z.strictObject({ ids: z.array(idSchema).min(1).max(1_000_000), verdict: verdictSchema }),
  ),
  /**
   * Makes a result, or some of it, painted labels, by one stroke. `image` and `page` of the answer are where; classes that
   * the project does not have are left out.
   */
  toLabels: procedure
    .input(
      resultPlaneSchema.extend({
        /** Places in the result's classes; undefined: all of them. */
        classes: z.array(z.int().nonnegative()).max(255).optional(),
        /** One object alone, with all of its class. */
        object: componentSchema
          .extend({ classIndex: z.int().positive(), first: resultObjectSchema.shape.first })
          .optional(),
        /** Whether labels that are there give way; else only what is not labelled is filled. */
        replace: z.boolean(),
      }),
    )
    .output(labelChangeSchema),
  /** With the painted labels, or with masks in a folder, of one image or of all that have some. */
  agreement: procedure
    .input(
      z.strictObject({
        result: idSchema,
        id: idSchema.optional(),
        splitting: splittingSchema,
        truth: z
          .strictObject({
            folder: pathSchema,
            /** Of label maps; undefined: guessed. */
            values: labelValuesSchema.optional(),
          })
          .optional(),
      }),
    )
    .output(agreementSchema),
  /** Writes some objects of an image as CSV (see docs/segmenting.md). */
  exportObjects: procedure.input(
    resultPlaneSchema.extend({
      numbers: z.array(z.int().positive()).max(10_000_000),
      splitting: splittingSchema,
      file: pathSchema,
      replace: z.boolean(),
    }),
  ),
  /**
   * Writes the objects of all images as CSV, `objects.csv`, and a row an image, `summary.csv` (see docs/segmenting.md).
   * @throws `file-exists`
   */
  saveTables: procedure
    .input(
      z.strictObject({
        result: idSchema,
        /** Of images with one of these. */
        verdicts: z.array(verdictSchema).min(1).max(3),
        filter: objectFilterSchema,
        splitting: splittingSchema,
        folder: pathSchema,
        replace: z.boolean(),
      }),
    )
    .output(
      eventIterator(
        z.discriminatedUnion('kind', [
          progressSchema,
          z.strictObject({
            kind: z.literal('done'),
            objectsFile: z.string(),
            summaryFile: z.string(),
            images: z.int(),
            objects: z.int(),
            failed: z.array(z.strictObject({ file: z.string(), problem: problemSchema })),
          }),
        ]),
      ),
    ),
  /** Takes a result off the list; its files stay. */
  forget: procedure.input(z.strictObject({ result: idSchema })),
}
