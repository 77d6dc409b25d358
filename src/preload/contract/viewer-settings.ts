import { z } from 'zod'
import { colourSchema } from './classes.ts'

export const colourMapSchema = z.enum(['grey', 'inverted grey', 'viridis', 'magma', 'fire', 'colour'])
export type ColourMap = z.infer<typeof colourMapSchema>

/** How one channel is shown; kept from image to image. */
export const channelSettingsSchema = z.strictObject({
  shown: z.boolean(),
  /** `automatic`: between the two percentiles of each image; `fixed`: the window, in the image's own values. */
  contrast: z.enum(['automatic', 'fixed']),
  lowPercentile: z.number().min(0).max(100),
  highPercentile: z.number().min(0).max(100),
  window: z.tuple([z.number(), z.number()]),
  gamma: z.number().min(0.1).max(10),
  colourMap: colourMapSchema,
  /** Of colourMap 'colour': black to this. */
  colour: colourSchema,
})
export type ChannelSettings = z.infer<typeof channelSettingsSchema>

export const viewerSettingsSchema = z.strictObject({
  channels: z.array(channelSettingsSchema).max(64),
  labelOpacity: z.number().min(0).max(1),
  labelStyle: z.enum(['filled', 'outlines']),
  brushSize: z.number().min(1).max(1000),
})
export type ViewerSettings = z.infer<typeof viewerSettingsSchema>
