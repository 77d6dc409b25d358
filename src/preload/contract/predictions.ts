import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { idSchema, pathSchema, problemSchema, procedure, progressSchema } from './base.ts'

const checkpointIdSchema = z.string().min(1).max(200)

export const predictions = {
  /** Loads a checkpoint that is likely to predict soon; answers at once. */
  prepare: procedure.input(z.strictObject({ checkpoint: checkpointIdSchema })),
  /** How sure a checkpoint is of images: of their first pages' middle. What it predicts for that is kept for a while. */
  rank: procedure
    .input(z.strictObject({ checkpoint: checkpointIdSchema, ids: z.array(idSchema).max(1000) }))
    .output(
      eventIterator(
        z.discriminatedUnion('kind', [
          progressSchema,
          z.strictObject({
            kind: z.literal('done'),
            /** The least sure first; the mean of 1 less the probability of the most probable class. */
            images: z.array(z.strictObject({ image: idSchema, uncertainty: z.number() })),
            failed: z.array(z.strictObject({ file: pathSchema, problem: problemSchema })),
          }),
        ]),
      ),
    ),
}
