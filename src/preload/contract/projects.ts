import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import {
  idSchema,
  nameSchema,
  pathSchema,
  problemSchema,
  procedure,
  progressSchema,
  withoutInput,
} from './base.ts'
import { viewerSettingsSchema } from './viewer-settings.ts'

export const projectSchema = z.strictObject({
  folder: pathSchema,
  name: z.string(),
  images: z.int(),
  viewer: viewerSettingsSchema,
  /** What a person should know, such as a network drive that costs the write-ahead log. */
  notice: z.string().optional(),
})
export type OpenProject = z.infer<typeof projectSchema>

export const recentProjectSchema = z.strictObject({
  folder: pathSchema,
  name: z.string(),
  /** ISO 8601, UTC. */
  opened: z.string(),
  /** The folder is not there now. */
  missing: z.boolean(),
})
export type RecentProject = z.infer<typeof recentProjectSchema>

/** What happened to the open project that a page has to draw anew. */
export const projectEventSchema = z.discriminatedUnion('kind', [
  /** Images came or went: list them again. */
  z.strictObject({ kind: z.literal('images-changed') }),
  /** Some images' rows changed (thumbnails made, labels painted, moved): ask for those again. */
  z.strictObject({ kind: z.literal('images-updated'), ids: z.array(idSchema) }),
  z.strictObject({ kind: z.literal('classes-changed') }),
  /** The labels of one plane changed by other means than this page's strokes. */
  z.strictObject({ kind: z.literal('labels-changed'), image: idSchema, page: z.int(), revision: z.int() }),
  /** Something does not work as it should and the work goes on, such as a cache that cannot be written. */
  z.strictObject({ kind: z.literal('trouble'), problem: problemSchema }),
  /** Another project is open now, or none. */
  z.strictObject({ kind: z.literal('project-changed') }),
  /** The project had to be closed: another computer took it over, its disk is gone. */
  z.strictObject({ kind: z.literal('project-lost'), problem: problemSchema }),
])
export type ProjectEvent = z.infer<typeof projectEventSchema>

export const projects = {
  recent: withoutInput.output(z.array(recentProjectSchema)),
  /** Takes a folder off the list of recent projects; nothing on disk changes. */
  forget: procedure.input(z.strictObject({ folder: pathSchema })),
  current: withoutInput.output(projectSchema.nullable()),
  /** Makes a project in a folder and opens it. */
  create: procedure.input(z.strictObject({ folder: pathSchema, name: nameSchema })).output(projectSchema),
  open: procedure.input(z.strictObject({ folder: pathSchema })).output(projectSchema),
  /** Where a new project of this name would go, until the person says otherwise. */
  suggestFolder: procedure
    .input(z.strictObject({ name: nameSchema }))
    .output(z.strictObject({ folder: pathSchema })),
  /** Makes the sample images and a project of them; ends with the project, opened. */
  openSample: withoutInput.output(
    eventIterator(
      z.discriminatedUnion('kind', [
        progressSchema,
        z.strictObject({ kind: z.literal('done'), project: projectSchema }),
      ]),
    ),
  ),
  rename: procedure.input(z.strictObject({ name: nameSchema })).output(projectSchema),
  saveViewer: procedure.input(viewerSettingsSchema),
  close: withoutInput,
  /** Lasts until the page goes. */
  events: withoutInput.output(eventIterator(projectEventSchema)),
}
