import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { idSchema, pathSchema, problemSchema, procedure, progressSchema, withoutInput } from './base.ts'

export const sampleTypeSchema = z.enum([
  'uint8',
  'int8',
  'uint16',
  'int16',
  'uint32',
  'int32',
  'float32',
  'float64',
])

/** Whether an image is learnt from or only used to measure; `automatic`: the seed decides. */
export const splitSchema = z.enum(['automatic', 'training', 'validation'])
export type Split = z.infer<typeof splitSchema>

/** One axis of a file: channel, z plane, time, height, width. */
export const axisSchema = z.strictObject({
  name: z.enum(['c', 'z', 't', 'y', 'x']),
  size: z.int().positive(),
})
export type Axis = z.infer<typeof axisSchema>

export const channelLookSchema = z.strictObject({
  name: z.string().optional(),
  /** '#rrggbb' */
  colour: z.string().optional(),
  range: z.strictObject({ low: z.number(), high: z.number() }).optional(),
})
export type ChannelLook = z.infer<typeof channelLookSchema>

/** One image as the grid shows it. */
export const imageRowSchema = z.strictObject({
  id: idSchema,
  path: pathSchema,
  width: z.int(),
  height: z.int(),
  channels: z.int(),
  pages: z.int(),
  sampleType: sampleTypeSchema,
  /** Of the content: its thumbnail never changes under the same fingerprint. */
  fingerprint: z.string(),
  /** The file was not there when it was last looked for. */
  missing: z.boolean(),
  split: splitSchema,
  labelledPixels: z.int(),
  /** ISO 8601, UTC. */
  added: z.string(),
})
export type ImageRow = z.infer<typeof imageRowSchema>

/** A file that a person added and that cannot be read, with the reason. */
export const refusedFileSchema = z.strictObject({
  id: idSchema,
  path: pathSchema,
  problem: problemSchema,
  added: z.string(),
})
export type RefusedFile = z.infer<typeof refusedFileSchema>

/** The values of one channel of one plane, from a sample of its pixels. */
export const channelStatisticsSchema = z.strictObject({
  minimum: z.number(),
  maximum: z.number(),
  /** Values at 0, 0.1, 0.2, ... 100 %: 1001 of them. Not-a-number and infinity are left out. */
  percentiles: z.array(z.number()),
  /** Counts of 256 equal bins from minimum to maximum. */
  histogram: z.array(z.int()),
})
export type ChannelStatistics = z.infer<typeof channelStatisticsSchema>

/** What the viewer and the details pane need of an opened image. */
export const imageDetailsSchema = z.strictObject({
  id: idSchema,
  path: pathSchema,
  format: z.string(),
  width: z.int(),
  height: z.int(),
  channels: z.int(),
  /** Planes of a stack or time-lapse: page `t * zPlanes + z`. */
  pages: z.int(),
  zPlanes: z.int().positive(),
  sampleType: sampleTypeSchema,
  bitsPerSample: z.int(),
  /** As they lie in the file, outermost first, guessed or chosen; absent where there is nothing to choose. */
  axes: z.array(axisSchema).optional(),
  /** The names of the images in the file where there are several, and of the one that is read. */
  images: z.array(z.string()).optional(),
  image: z.string().optional(),
  /** One a channel, where the file names or colours them. */
  channelLooks: z.array(channelLookSchema).optional(),
  pixelSize: z.strictObject({ x: z.number(), y: z.number(), unit: z.string() }).optional(),
  /** Of the content: a picture of it never changes under the same fingerprint. */
  fingerprint: z.string(),
  /** Resolutions: level 0 is the whole, each next has half the width and height, rounded up. */
  levels: z.int().positive(),
  /** Of page 0, a channel each. */
  statistics: z.array(channelStatisticsSchema),
})
export type ImageDetails = z.infer<typeof imageDetailsSchema>

const idsSchema = z.strictObject({ ids: z.array(idSchema).max(1_000_000) })

/** Files and folders to take images from. */
const filesToAddSchema = z.strictObject({
  paths: z.array(pathSchema).min(1).max(100_000),
  subfolders: z.boolean(),
  /** File names to take: `*_dapi.tif`; undefined: every image. */
  pattern: z.string().max(200).optional(),
  /** Names of files that together are one image: `{well}_{field}_t{time}_c{channel}.tif`; undefined: none, or to be guessed. */
  frames: z.string().max(200).optional(),
})

export const images = {
  list: withoutInput.output(
    z.strictObject({ images: z.array(imageRowSchema), refused: z.array(refusedFileSchema) }),
  ),
  rows: procedure.input(idsSchema).output(z.array(imageRowSchema)),
  /** Adds files and folders. Cancelling keeps what is added by then. */
  add: procedure.input(filesToAddSchema).output(
    eventIterator(
      z.discriminatedUnion('kind', [
        progressSchema,
        z.strictObject({
          kind: z.literal('done'),
          added: z.int(),
          /** In the project already. */
          known: z.int(),
          /** Known by their content, and found at a new place. */
          moved: z.int(),
          refused: z.int(),
          /** Label maps beside their images (`a_mask.tif` beside `a.tif`), which were left out. */
          labelFiles: z.int(),
          /** Addresses of the further images in files of several that were added now: of each, the first was added. */
          further: z.array(pathSchema),
        }),
      ]),
    ),
  ),
  /**
   * What a pattern of frames makes of files and folders; without one it is guessed from their names.
   * @throws `pattern-unusable`
   */
  findFrames: procedure.input(filesToAddSchema).output(
    z.strictObject({
      /** As given or guessed; absent where the names tell of no frames. */
      frames: z.string().optional(),
      /** Images that files make together, and files that stay images of their own. */
      stacks: z.int(),
      others: z.int(),
      /** Stacks that lack frames. */
      incomplete: z.int(),
      /** Of the first stack. */
      example: z
        .strictObject({ name: z.string(), times: z.int(), zPlanes: z.int(), channels: z.int() })
        .optional(),
    }),
  ),
  /** Takes images off the project, with their labels. The files stay. */
  remove: procedure.input(idsSchema),
  /** Takes files that could not be read off the list. */
  forgetRefused: procedure.input(idsSchema),
  details: procedure.input(z.strictObject({ id: idSchema })).output(imageDetailsSchema),
  /**
   * Chooses how an image's file is read: another image in it, other axes. What was labelled must fit.
   * @throws `labels-in-the-way` where the image has labels and its planes would be others
   */
  setReading: procedure.input(
    z.strictObject({
      id: idSchema,
      /** A name of `images`. */
      image: z.string().max(1000).optional(),
      /** A letter an axis, outermost first. */
      axes: z
        .string()
        .regex(/^[tzcyx]{2,5}$/)
        .optional(),
    }),
  ),
  setSplit: procedure.input(idsSchema.extend({ split: splitSchema })),
  /** Looks which files are not where they were. */
  findMissing: withoutInput.output(z.strictObject({ missing: z.int() })),
  /** Looks for missing images, by content, in a folder. */
  relocate: procedure
    .input(z.strictObject({ folder: pathSchema }))
    .output(
      eventIterator(
        z.discriminatedUnion('kind', [
          progressSchema,
          z.strictObject({ kind: z.literal('done'), found: z.int(), missing: z.int() }),
        ]),
      ),
    ),
}
