import type { ImageSource } from '../../../model/images/image-source.ts'
import type { LabelledImage } from './label-canvas.ts'
import { misfittingLabels } from './label-file-errors.ts'
import { openLabels } from './open-labels.ts'

/** Labels, the image that they are for, and the classes that named shapes get their values by. */
export interface LabelPlace {
  path: string
  image: LabelledImage
  names: readonly string[]
}

/**
 * Opens labels that are as large as their image.
 * @throws SegscopeError as `openLabels`; `label-size-differs`
 */
export async function openFittingLabels({ path, image, names }: LabelPlace): Promise<ImageSource> {
  const source = await openLabels(path, image, names)
  const size = ({ width, height, pages }: { width: number; height: number; pages: number }): string =>
    `${width} x ${height} pixels${pages === 1 ? '' : ` on ${pages} pages`}`
  if (size(source.info) === size(image)) return source
  await source.close()
  throw misfittingLabels(path, `it has ${size(source.info)}, the image ${size(image)}`)
}
