import { z } from 'zod'
import { procedure, withoutInput } from './base.ts'

export const deletedItemSchema = z.strictObject({
  kind: z.enum(['experiment', 'checkpoint']),
  id: z.string().min(1).max(200),
})
export type DeletedItem = z.infer<typeof deletedItemSchema>

/** What is deleted: hidden, and on disk as long as it can be brought back. */
export const deletionSchema = deletedItemSchema.extend({
  /** ISO 8601, UTC. */
  deleted: z.string(),
  /** Until then it can be brought back. */
  until: z.string(),
  /** That purging it would free. */
  bytes: z.number(),
  /** Of an experiment when it was made, of a checkpoint when it was written. */
  created: z.string(),
  name: z.string().optional(),
})
export type Deletion = z.infer<typeof deletionSchema>

/** Experiments, which take their checkpoints along, and checkpoints. */
export const deletions = {
  /** What can be brought back, newest first. */
  list: withoutInput.output(z.array(deletionSchema)),
  /** Hides it; what running work needs is refused. */
  delete: procedure.input(deletedItemSchema),
  restore: procedure.input(deletedItemSchema),
  /** Removes the files of what is deleted: it cannot be brought back any more. */
  purge: procedure
    .input(z.strictObject({ items: z.array(deletedItemSchema).max(10_000) }))
    .output(z.strictObject({ freed: z.number() })),
}
