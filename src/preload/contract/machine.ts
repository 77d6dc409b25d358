import { z } from 'zod'
import { withoutInput } from './base.ts'

/** Facts about this computer in the order to be read, as `segscope doctor` prints them. */
export const machineSchema = z.strictObject({
  facts: z.array(z.strictObject({ name: z.string(), value: z.string() })),
  /** Parts of Segscope that do not load here, with what follows. */
  problems: z.array(z.string()),
})
export type MachineFacts = z.infer<typeof machineSchema>

export const machine = { get: withoutInput.output(machineSchema) }
