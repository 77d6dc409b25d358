import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { procedure, progressSchema, withoutInput } from './base.ts'

export const engineFiguresSchema = z.object({
  name: z.string(),
  version: z.string(),
  /** 'cpu', 'gpu', ... as the engine names it. */
  device: z.string(),
  threads: z.number(),
  /** Of 8 patches of 128 x 128, by the network that training usually makes; medians. */
  forwardMilliseconds: z.number(),
  stepMilliseconds: z.number(),
  /** ISO 8601, UTC. */
  measured: z.string(),
})
export type EngineFigures = z.infer<typeof engineFiguresSchema>

export const enginesSchema = z.strictObject({
  /** The one that computes now, and why. */
  chosen: z.string(),
  reason: z.string(),
  /** All there are; figures where it was measured on this computer. */
  engines: z.array(z.strictObject({ name: z.string(), figures: engineFiguresSchema.optional() })),
})
export type Engines = z.infer<typeof enginesSchema>

/** What computes. */
export const engines = {
  list: withoutInput.output(enginesSchema),
  /** Measures one, under the limits that hold; its figures are kept. */
  measure: procedure
    .input(z.strictObject({ name: z.string().min(1).max(60) }))
    .output(
      eventIterator(
        z.discriminatedUnion('kind', [
          progressSchema,
          z.strictObject({ kind: z.literal('done'), engines: enginesSchema }),
        ]),
      ),
    ),
}
