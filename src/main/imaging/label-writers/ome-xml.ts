import type { ImageInfo, PixelSize } from '../../../model/images/image-source.ts'
import { segscopeVersion } from '../../version.ts'

/**
 * The OME-XML of a label map: one channel, pages in z within time (Open Microscopy Environment's schema 2016-06).
 * @param imageName shown by viewers
 */
export function labelOmeXml(
  imageName: string,
  size: Pick<ImageInfo, 'width' | 'height' | 'pages' | 'zPlanes'>,
  pixelSize: PixelSize | undefined,
): string {
  const { zPlanes = 1 } = size
  const physical =
    pixelSize === undefined
      ? ''
      : ` PhysicalSizeX="${pixelSize.x}" PhysicalSizeXUnit="${escapeXml(pixelSize.unit)}" PhysicalSizeY="${pixelSize.y}" PhysicalSizeYUnit="${escapeXml(pixelSize.unit)}"`
  return `<?xml version="1.0" encoding="UTF-8"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.openmicroscopy.org/Schemas/OME/2016-06 http://www.openmicroscopy.org/Schemas/OME/2016-06/ome.xsd" Creator="Segscope ${segscopeVersion}"><Image ID="Image:0" Name="${escapeXml(imageName)}"><Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="uint8" SizeX="${size.width}" SizeY="${size.height}" SizeC="1" SizeZ="${zPlanes}" SizeT="${size.pages / zPlanes}"${physical}><Channel ID="Channel:0:0" Name="classes" SamplesPerPixel="1"/><TiffData IFD="0" PlaneCount="${size.pages}"/></Pixels></Image></OME>`
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
