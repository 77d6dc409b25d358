import { z } from 'zod'
import { pathSchema, procedure, withoutInput } from './base.ts'

/** One way to press an action's keys: "Ctrl+Shift+Z", "]", "Shift+WheelUp" is not among them. */
export const shortcutSchema = z.string().min(1).max(40)

/**
 * Where TensorFlow's packages come from. An address with a password would be kept for all to read: pip's own configuration is the place
 * for such a one, and is used where nothing is said here.
 */
export const packageSourceSchema = z.union([
  z.strictObject({ index: z.string().max(2000).refine(isPackageIndex, 'no address of a package index') }),
  z.strictObject({ folder: pathSchema }),
])
export type PackageSource = z.infer<typeof packageSourceSchema>

/** Whether a text is an address of the web, without user and password. */
export function isPackageIndex(text: string): boolean {
  const address = URL.parse(text)
  return (
    address !== null &&
    /^https?:$/.test(address.protocol) &&
    address.username === '' &&
    address.password === ''
  )
}

/** What a person set, on this computer, for all projects. */
export const settingsSchema = z.strictObject({
  theme: z.enum(['system', 'dark', 'light']),
  /** By action; an action that is not named has its usual keys. */
  keys: z.record(z.string().max(60), z.array(shortcutSchema).max(4)),
  /** Thumbnails and reduced images. */
  cache: z.strictObject({
    /** null: the usual place. */
    folder: pathSchema.nullable(),
    limitGigabytes: z.number().min(0.1).max(10_000),
  }),
  /** What computes: null, the application's own choice. */
  compute: z.strictObject({
    /** An engine's name, see `./engines.ts`. */
    engine: z.string().min(1).max(60).nullable(),
    threads: z.int().min(1).max(1024).nullable(),
    /** Of each process that computes. */
    memoryGigabytes: z.number().min(2).max(10_000).nullable(),
  }),
  /** null: the package index that pip uses here, or the public one. */
  packageSource: packageSourceSchema.nullable(),
  /** Where new projects go; null: the usual place. */
  projectsFolder: pathSchema.nullable(),
  /** The first tour was seen or skipped: it does not come back unasked. */
  tourSeen: z.boolean(),
})
export type Settings = z.infer<typeof settingsSchema>

export const settings = {
  get: withoutInput.output(settingsSchema),
  change: procedure.input(settingsSchema.partial()).output(settingsSchema),
  /** Where new projects go now. */
  projectsFolder: withoutInput.output(z.strictObject({ folder: pathSchema })),
  /** What the cache takes now, and where it is. */
  cacheUse: withoutInput.output(z.strictObject({ folder: pathSchema, bytes: z.number() })),
  clearCache: withoutInput,
}
