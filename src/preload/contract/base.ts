import { oc } from '@orpc/contract'
import { z } from 'zod'

/** Everything that can go wrong for a person, as `SegscopeError` says it. */
export const problemSchema = z.strictObject({
  /** Stable, in kebab-case: `project-in-use`. */
  code: z.string(),
  message: z.string(),
  /** The file or folder concerned. */
  file: z.string().optional(),
  /** What the person can do now, as a sentence. */
  remedy: z.string().optional(),
})
export type Problem = z.infer<typeof problemSchema>

/** Every procedure starts here: whatever it throws arrives as a `PROBLEM`. */
export const procedure = oc.errors({ PROBLEM: { data: problemSchema } })
/** One that is asked without anything: input is refused. */
export const withoutInput = procedure.input(z.undefined())

/** A row's number in the project's database. */
export const idSchema = z.int().positive()
/** An absolute path of a file or folder. */
export const pathSchema = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^[^\0]+$/, 'no path')
/** What people call things: not empty, on one line. */
export const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(120)
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  .regex(/^[^\u0000-\u001f]*$/, 'one line of text')

/** What long work tells while it runs: ends with its procedure's own last event. */
export const progressSchema = z.strictObject({
  kind: z.literal('progress'),
  /** 0 to 1. */
  fraction: z.number().min(0).max(1),
  /** What is being done, for people: "312 of 10,000 images". */
  label: z.string(),
})
