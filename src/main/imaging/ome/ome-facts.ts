import type { ChannelLook, PixelSize } from '../../../model/images/image-source.ts'
import { pixelSizeInUnit } from '../pixel-size.ts'
import type { OmePixels } from './ome-xml.ts'

/** The pixel size that OME-XML gives, in µm where its unit is a length. */
export function omePixelSize({
  PhysicalSizeX: x,
  PhysicalSizeXUnit: unitX,
  PhysicalSizeY: y,
  PhysicalSizeYUnit: unitY,
}: OmePixels): PixelSize | undefined {
  if (x === undefined) return undefined
  const across = pixelSizeInUnit(x, x, unitX)
  const down = y === undefined ? across : pixelSizeInUnit(y, y, unitY)
  if (down === undefined || across?.unit !== down.unit) return across
  return { x: across.x, y: down.y, unit: across.unit }
}

/**
 * Names and colours of an image's channels; undefined where none has either.
 * @param channels of the image; a channel of OME with several samples a pixel (RGB) counts as that many
 */
export function omeChannelLooks({ Channel }: OmePixels, channels: number): ChannelLook[] | undefined {
  const looks = Channel.flatMap(({ Name, Color, SamplesPerPixel = 1 }): ChannelLook[] => {
    if (SamplesPerPixel > 1) return Array.from({ length: SamplesPerPixel }, () => ({}))
    return [
      {
        ...(Name !== undefined && Name !== '' && { name: Name }),
        // -1 is opaque white, the schema's default: it says nothing.
        ...(Color !== undefined && Color !== -1 && { colour: toHex(Color) }),
      },
    ]
  })
  const isTold = looks.some((look) => look.name !== undefined || look.colour !== undefined)
  return looks.length === channels && isTold ? looks : undefined
}

/** RGBA in one signed 32-bit number, as OME writes colours, as '#rrggbb'. */
function toHex(colour: number): string {
  return `#${((colour >>> 8) & 0xffffff).toString(16).padStart(6, '0')}`
}
