import type { PixelSize } from '../../../model/images/image-source.ts'
import { pixelSizeFromResolution, pixelSizeInUnit } from '../pixel-size.ts'
import type { TiffDirectory } from './directory.ts'
import { Tag } from './tags.ts'

/** OME-XML can take megabytes; the size of a pixel stands near its beginning. */
const MAXIMUM_DESCRIPTION_BYTES = 2 ** 18

/** The text that ImageJ, OME and others keep about a page; empty where there is none. */
export async function readDescription(directory: TiffDirectory): Promise<string> {
  const bytes = await directory.bytes(Tag.imageDescription, MAXIMUM_DESCRIPTION_BYTES)
  return new TextDecoder().decode(bytes).replace(/\0.*$/s, '')
}

/** A page's pixel size: from OME-XML, from ImageJ's unit and the resolution, or from the resolution alone. */
export async function readPixelSize(
  directory: TiffDirectory,
  description: string,
): Promise<PixelSize | undefined> {
  const omeX = attribute(description, 'PhysicalSizeX')
  if (omeX !== undefined) {
    const omeY = attribute(description, 'PhysicalSizeY') ?? omeX
    return pixelSizeInUnit(Number(omeX), Number(omeY), attribute(description, 'PhysicalSizeXUnit') ?? 'µm')
  }
  const x = 1 / (await directory.number(Tag.xResolution, NaN))
  const y = 1 / (await directory.number(Tag.yResolution, NaN))
  const imageJUnit = description.startsWith('ImageJ=') ? /^unit=(.+)$/m.exec(description)?.[1] : undefined
  if (imageJUnit !== undefined) return pixelSizeInUnit(x, y, imageJUnit)
  const unit = await directory.number(Tag.resolutionUnit, 2)
  if (unit === 2) return pixelSizeFromResolution(x * 25_400, y * 25_400)
  if (unit === 3) return pixelSizeFromResolution(x * 10_000, y * 10_000)
  return undefined
}

function attribute(description: string, name: string): string | undefined {
  return new RegExp(`<Pixels[^>]*\\s${name}="([^"]+)"`).exec(description)?.[1]
}
