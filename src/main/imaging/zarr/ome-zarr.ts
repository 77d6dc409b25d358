import { z } from 'zod'
import type { AxisName, ChannelLook, PixelSize } from '../../../model/images/image-source.ts'
import { pixelSizeInUnit } from '../pixel-size.ts'

/** OME-Zarr 0.1 to 0.5 (https://ngff.openmicroscopy.org), as far as it is used here. */
const transformationsSchema = z
  .array(z.object({ type: z.string(), scale: z.array(z.number()).optional().catch(undefined) }))
  .optional()
  .catch(undefined)

const multiscaleSchema = z.object({
  name: z.string().optional().catch(undefined),
  /** Names alone in 0.3, none before. */
  axes: z
    .array(
      z.union([
        z.string().transform((name) => ({ name, type: undefined, unit: undefined })),
        z.object({ name: z.string(), type: z.string().optional(), unit: z.string().optional() }),
      ]),
    )
    .optional()
    .catch(undefined),
  datasets: z.array(z.object({ path: z.string(), coordinateTransformations: transformationsSchema })).min(1),
  coordinateTransformations: transformationsSchema,
})
export type Multiscale = z.infer<typeof multiscaleSchema>

const attributesSchema = z.object({
  multiscales: z.array(multiscaleSchema).optional(),
  omero: z
    .object({
      channels: z.array(
        z.object({ label: z.coerce.string().optional(), color: z.string().optional().catch(undefined) }),
      ),
    })
    .optional()
    .catch(undefined),
  'bioformats2raw.layout': z.number().optional().catch(undefined),
  plate: z
    .object({ wells: z.array(z.object({ path: z.string() })) })
    .optional()
    .catch(undefined),
  well: z
    .object({ images: z.array(z.object({ path: z.string() })) })
    .optional()
    .catch(undefined),
  /** Of the group OME beside the series of bioformats2raw. */
  series: z.array(z.string()).optional().catch(undefined),
})
export type OmeZarrAttributes = z.infer<typeof attributesSchema>

/** From 0.5 on they are below `ome`; undefined where they cannot be understood. */
export function parseAttributes(attributes: Record<string, unknown>): OmeZarrAttributes | undefined {
  return attributesSchema.safeParse(attributes.ome ?? attributes).data
}

/** Undefined where they are not named, or not by what they are here. */
export function axesOf({ axes }: Multiscale, dimensions: number): AxisName[] | undefined {
  // Before 0.3 all images had these.
  if (axes === undefined) return dimensions === 5 ? ['t', 'c', 'z', 'y', 'x'] : undefined
  const byType: Partial<Record<string, AxisName>> = { time: 't', channel: 'c' }
  const names = axes.map(({ name, type }) => byType[type ?? ''] ?? (name.toLowerCase() as AxisName))
  const isKnown = names.every((name) => ['t', 'c', 'z', 'y', 'x'].includes(name))
  return isKnown && new Set(names).size === names.length ? names : undefined
}

/** Of the largest level: its scale times that of all levels. */
export function pixelSizeOf(multiscale: Multiscale): PixelSize | undefined {
  const { axes = [], datasets, coordinateTransformations } = multiscale
  const scaleOf = (at: number): number =>
    [datasets[0]?.coordinateTransformations, coordinateTransformations]
      .flatMap((transformations) => transformations?.find(({ type }) => type === 'scale') ?? [])
      .reduce((product, { scale }) => product * (scale?.[at] ?? 1), 1)
  const [x, y] = ['x', 'y'].map((name) => axes.findIndex((axis) => axis.name.toLowerCase() === name))
  const unit = axes[x ?? -1]?.unit
  if (x === undefined || y === undefined || unit === undefined) return undefined
  return pixelSizeInUnit(scaleOf(x), scaleOf(y), unit)
}

/** Undefined where the file names and colours no channel, or another number of them. */
export function looksOf({ omero }: OmeZarrAttributes, channels: number): ChannelLook[] | undefined {
  if (omero?.channels.length !== channels) return undefined
  const looks = omero.channels.map(({ label, color }) => ({
    ...(label !== undefined && label !== '' && { name: label }),
    ...(color !== undefined && /^[\da-f]{6}$/i.test(color) && { colour: `#${color.toLowerCase()}` }),
  }))
  return looks.some((look) => Object.keys(look).length > 0) ? looks : undefined
}
