import { z } from 'zod'
import { withoutInput } from './base.ts'

/** What runs here, for the page's foot and for reports of problems. */
export const aboutSchema = z.strictObject({
  segscope: z.string(),
  /** Electron's version; undefined where a browser shows the page. */
  electron: z.string().optional(),
  platform: z.string(),
  door: z.enum(['desktop application', 'browser server']),
})
export type About = z.infer<typeof aboutSchema>

export const about = { get: withoutInput.output(aboutSchema) }
