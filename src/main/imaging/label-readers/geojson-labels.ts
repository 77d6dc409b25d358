import { z } from 'zod'
import type { ImageSource } from '../../../model/images/image-source.ts'
import { LabelCanvas, type LabelledImage, pageAt, type ShapeValue } from './label-canvas.ts'
import type { Shape } from './shape.ts'
import { damagedLabels, unsupportedLabels } from './label-file-errors.ts'

/** What a shape without a class is called. */
export const UNNAMED_CLASS = 'object'

const position = z.array(z.number()).min(2)
const polygon = z.array(z.array(position))
const plane = z.object({ z: z.number().optional(), t: z.number().optional() }).optional()
const geometry = z.discriminatedUnion('type', [
  z.object({ type: z.literal('Polygon'), coordinates: polygon, plane }),
  z.object({ type: z.literal('MultiPolygon'), coordinates: z.array(polygon), plane }),
])
const feature = z.object({
  type: z.literal('Feature'),
  geometry: z.object({ type: z.string() }).loose(),
  properties: z
    .object({
      classification: z.union([z.string(), z.object({ name: z.string().optional() }).loose()]).nullish(),
      class: z.string().nullish(),
      label: z.string().nullish(),
    })
    .loose()
    .nullish(),
})
type Feature = z.infer<typeof feature>

export function isGeoJson(json: unknown): boolean {
  return (
    Array.isArray(json) ||
    ['FeatureCollection', 'Feature'].includes((json as { type?: string } | null)?.type ?? '')
  )
}

/**
 * The names of the classes in a file of QuPath or another program, in order of their first shapes.
 * @throws SegscopeError `labels-damaged`
 */
export function geoJsonClasses(json: unknown, path: string): string[] {
  return [...new Set(featuresOf(json, path).map(classOf))]
}

/**
 * Fills the polygons of a file: the value of a shape is what `valueOf` makes of its class. Coordinates are pixels of the
 * image; shapes that come later lie above.
 * @throws SegscopeError `labels-damaged`, `labels-unsupported`, `label-size-differs`
 */
export function openGeoJson(
  json: unknown,
  path: string,
  image: LabelledImage,
  valueOf: ShapeValue,
): ImageSource {
  const canvas = new LabelCanvas(path, image)
  for (const [index, each] of featuresOf(json, path).entries()) {
    const shape = geometry.safeParse(each.geometry)
    if (!shape.success) {
      const { type } = each.geometry
      if (type === 'Polygon' || type === 'MultiPolygon')
        throw damagedLabels(path, `a ${type} has no proper coordinates`)
      throw unsupportedLabels(
        path,
        `one of its shapes is a ${type.slice(0, 40)}, which has no area`,
        'Export areas only: polygons, rectangles, ellipses or brush strokes.',
      )
    }
    const { data } = shape
    const value = valueOf(classOf(each), index + 1)
    const page = image.pages === 1 ? 0 : pageAt(data.plane?.z ?? 0, data.plane?.t ?? 0, image)
    const polygons = data.type === 'Polygon' ? [data.coordinates] : data.coordinates
    for (const rings of polygons) canvas.fill(rings as unknown as Shape[], value, page)
  }
  return canvas.finish('GeoJSON')
}

function featuresOf(json: unknown, path: string): Feature[] {
  const list = Array.isArray(json)
    ? json
    : (json as { type?: string }).type === 'Feature'
      ? [json]
      : (json as { features?: unknown }).features
  const parsed = z.array(feature).safeParse(list)
  if (parsed.success) return parsed.data
  throw damagedLabels(path, 'its features are not as GeoJSON has them')
}

function classOf({ properties }: Feature): string {
  const { classification, class: given, label } = properties ?? {}
  const name = typeof classification === 'string' ? classification : classification?.name
  return name ?? given ?? label ?? UNNAMED_CLASS
}
