import type { ImageSource } from '../../../model/images/image-source.ts'
import type { LabelledImage } from './label-canvas.ts'
import { misfittingLabels } from './label-file-errors.ts'
import { openImage } from '../open-image.ts'
import { isShapeFile, openLabels, openNumberedObjects } from './open-labels.ts'

/** Labels, the image that they are for, and the classes that named shapes get their values by. */
export interface LabelPlace {
  path: string
  /** Its planes are looked up where they are needed and not given. */
  image: Omit<LabelledImage, 'zPlanes'> & { zPlanes?: number | undefined }
  names: readonly string[]
}

/**
 * Opens labels that are as large as their image.
 * @throws SegscopeError as `openLabels`, and as `openImage` of the image's; `label-size-differs`
 */
export async function openFittingLabels({ path, image, names }: LabelPlace): Promise<ImageSource> {
  return await fitting(await openLabels(path, await withZPlanes(path, image), names), image)
}

/**
 * Opens the numbers of objects that are as large as their image; undefined where `openNumberedObjects` finds none.
 * @throws SegscopeError as `openFittingLabels`
 */
export async function openFittingObjects({
  path,
  image,
}: Omit<LabelPlace, 'names'>): Promise<ImageSource | undefined> {
  const source = await openNumberedObjects(path, await withZPlanes(path, image))
  return source && (await fitting(source, image))
}

async function withZPlanes(path: string, image: LabelPlace['image']): Promise<LabelledImage> {
  const zPlanes =
    image.zPlanes ?? (image.pages > 1 && (await isShapeFile(path)) ? await zPlanesOf(image.path) : 1)
  return { ...image, zPlanes }
}

async function fitting(source: ImageSource, image: LabelPlace['image']): Promise<ImageSource> {
  const size = ({ width, height, pages }: { width: number; height: number; pages: number }): string =>
    `${width} x ${height} pixels${pages === 1 ? '' : ` on ${pages} pages`}`
  if (size(source.info) === size(image)) return source
  await source.close()
  throw misfittingLabels(source.path, `it has ${size(source.info)}, the image ${size(image)}`)
}

/** Shapes name the plane and the time that they lie on. */
async function zPlanesOf(image: string): Promise<number> {
  const source = await openImage(image)
  await source.close()
  return source.info.zPlanes ?? 1
}
