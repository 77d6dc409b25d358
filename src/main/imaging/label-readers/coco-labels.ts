import { basename } from 'node:path'
import { z } from 'zod'
import type { ImageSource } from '../../../model/images/image-source.ts'
import { LabelCanvas, type LabelledImage, type ShapeValue } from './label-canvas.ts'
import type { Shape } from './shape.ts'
import { damagedLabels, misfittingLabels } from './label-file-errors.ts'

const runLengths = z.object({
  size: z.tuple([z.int(), z.int()]),
  counts: z.union([z.string(), z.array(z.int().nonnegative())]),
})
const schema = z.object({
  images: z.array(z.object({ id: z.int(), file_name: z.string(), width: z.int(), height: z.int() })),
  annotations: z.array(
    z.object({
      image_id: z.int(),
      category_id: z.int(),
      segmentation: z.union([z.array(z.array(z.number())), runLengths]),
    }),
  ),
  categories: z.array(z.object({ id: z.int(), name: z.string() })),
})
export type Coco = z.infer<typeof schema>

export function isCoco(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'annotations' in json && 'images' in json
}

/** @throws SegscopeError `labels-damaged` */
export function parseCoco(json: unknown, path: string): Coco {
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw damagedLabels(path, `it is not as COCO has it, at ${issue?.path.join('.') ?? ''}`, parsed.error)
}

/** Whether the file has labels of an image, which it names by its file name, with folders or without; `#2` is its second page. */
export function cocoImagesOf(
  coco: Coco,
  imagePath: string,
): { entry: Coco['images'][number]; page: number }[] {
  return coco.images.flatMap((entry) => {
    const [, name = '', page] = /^(.*?)(?:#(\d+))?$/s.exec(entry.file_name) ?? []
    const isSame = basename(name.replaceAll('\\', '/')) === basename(imagePath)
    return isSame ? [{ entry, page: page === undefined ? 0 : Number(page) - 1 }] : []
  })
}

/**
 * The labels of one image in a COCO file: the value of an object is what `valueOf` makes of its category.
 * @throws SegscopeError `labels-damaged`, `label-size-differs`
 */
export function openCoco(coco: Coco, path: string, image: LabelledImage, valueOf: ShapeValue): ImageSource {
  const canvas = new LabelCanvas(path, image)
  const categories = new Map(coco.categories.map(({ id, name }) => [id, name]))
  const pages = new Map(cocoImagesOf(coco, image.path).map(({ entry, page }) => [entry.id, { entry, page }]))
  for (const [index, { image_id, category_id, segmentation }] of coco.annotations.entries()) {
    const found = pages.get(image_id)
    if (found === undefined) continue
    const { entry, page } = found
    if (entry.width !== image.width || entry.height !== image.height) {
      throw misfittingLabels(
        path,
        `it says that ${entry.file_name} has ${entry.width} x ${entry.height} pixels; it has ${image.width} x ${image.height}`,
      )
    }
    const category = categories.get(category_id)
    if (category === undefined)
      throw damagedLabels(path, `an object is of the category ${category_id}, which is none`)
    const value = valueOf(category, index + 1)
    if (Array.isArray(segmentation)) {
      // Parts of one object; each is filled by itself.
      for (const part of segmentation) canvas.fillAsCoco(cornersOf(part, path), value, page)
    } else {
      fillRuns(canvas, segmentation, image, value, page, path)
    }
  }
  return canvas.finish('COCO')
}

function cornersOf(numbers: readonly number[], path: string): Shape {
  if (numbers.length % 2 !== 0) throw damagedLabels(path, 'a polygon has an odd number of coordinates')
  return Array.from({ length: numbers.length / 2 }, (_, index) => [
    numbers[2 * index] as number,
    numbers[2 * index + 1] as number,
  ])
}

/** Runs go down the columns, outside first. */
function fillRuns(
  canvas: LabelCanvas,
  { size: [height, width], counts }: z.infer<typeof runLengths>,
  image: LabelledImage,
  value: number,
  page: number,
  path: string,
): void {
  if (width !== image.width || height !== image.height) {
    throw misfittingLabels(
      path,
      `a mask has ${width} x ${height} pixels, the image ${image.width} x ${image.height}`,
    )
  }
  let at = 0
  for (const [index, count] of (typeof counts === 'string'
    ? decodeRunLengths(counts, path)
    : counts
  ).entries()) {
    if (count < 0 || at + count > width * height)
      throw damagedLabels(path, 'the runs of a mask are longer than it')
    if (index % 2 === 1) {
      for (let pixel = at; pixel < at + count; pixel++) {
        const place = (pixel % height) * width + Math.floor(pixel / height)
        canvas.fillRun(place, place + 1, value, page)
      }
    }
    at += count
  }
}

/** `rleFrString` of cocoapi's maskApi.c; see `encodeRunLengths`. */
function decodeRunLengths(text: string, path: string): number[] {
  const counts: number[] = []
  for (let at = 0; at < text.length;) {
    let [value, shift, more] = [0, 0, true]
    while (more) {
      const bits = text.charCodeAt(at++) - 48
      if (!(bits >= 0 && bits < 64) || shift > 30)
        throw damagedLabels(path, 'the runs of a mask are no run lengths')
      value |= (bits & 31) << shift
      more = (bits & 32) !== 0
      shift += 5
      if (!more && (bits & 16) !== 0 && shift < 32) value |= -1 << shift
    }
    if (counts.length > 2) value += counts[counts.length - 2] as number
    counts.push(value)
  }
  return counts
}
