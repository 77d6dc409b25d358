import type { PixelSize } from '../../../model/images/image-source.ts'
import { pixelSizeFromResolution, pixelSizeInUnit } from '../pixel-size.ts'
import type { TiffDirectory } from './directory.ts'
import { Tag } from './tags.ts'

/** OME-XML describes every plane: of a hundred thousand it takes some 20 MB. */
const MAXIMUM_DESCRIPTION_BYTES = 2 ** 26

/** The text that ImageJ, OME and others keep about a page; empty where there is none. */
export async function readDescription(directory: TiffDirectory): Promise<string> {
  const bytes = await directory.bytes(Tag.imageDescription, MAXIMUM_DESCRIPTION_BYTES)
  return new TextDecoder().decode(bytes).replace(/\0.*$/s, '')
}

/** A page's pixel size: from ImageJ's units and the resolution, or from the resolution alone. */
export async function readPixelSize(
  directory: TiffDirectory,
  description: string,
): Promise<PixelSize | undefined> {
  const x = 1 / (await directory.number(Tag.xResolution, NaN))
  const y = 1 / (await directory.number(Tag.yResolution, NaN))
  const imageJUnit = imageJText(description, 'unit')
  if (imageJUnit !== undefined) {
    const across = pixelSizeInUnit(x, x, imageJUnit)
    const down = pixelSizeInUnit(y, y, imageJText(description, 'yunit') ?? imageJUnit)
    if (across === undefined || down === undefined) return undefined
    return across.unit === down.unit ? { x: across.x, y: down.y, unit: across.unit } : across
  }
  const unit = await directory.number(Tag.resolutionUnit, 2)
  if (unit === 2) return pixelSizeFromResolution(x * 25_400, y * 25_400)
  if (unit === 3) return pixelSizeFromResolution(x * 10_000, y * 10_000)
  return undefined
}

function imageJText(description: string, name: string): string | undefined {
  return description.startsWith('ImageJ=')
    ? new RegExp(`^${name}=(.+)$`, 'm').exec(description)?.[1]
    : undefined
}
