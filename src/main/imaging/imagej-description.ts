import type { PageSpacing, PixelSize } from '../../model/images/image-source.ts'
import type { TiffEntry } from './tiff-directory.ts'

export interface ImageJProperties {
  /** Planes come channel by channel within a slice, slice by slice within a frame: the order that ImageJ calls XYCZT. */
  channels: number
  /** Planes of z; 1 where undefined. */
  slices?: number
  /** Times. */
  frames: number
  pixelSize: PixelSize | undefined
  pageSpacing?: PageSpacing | undefined
  /** Values shown as black and as white; without it a label map of three classes looks black. */
  displayRange: readonly [low: number, high: number]
}

/**
 * The image description by which ImageJ knows unit, axes and display range of its own files
 * (`FileInfo` and `FileOpener.setCalibration` in ImageJ's source). The pixel's size itself is in the resolution
 * tags, as pixels a unit, with the resolution unit "none".
 */
export function describeForImageJ({
  channels,
  slices = 1,
  frames,
  pixelSize,
  pageSpacing,
  displayRange,
}: ImageJProperties): string {
  const planes = channels * slices * frames
  const lines = ['ImageJ=1.54f']
  if (planes > 1) {
    lines.push(`images=${planes}`)
    if (channels > 1) lines.push(`channels=${channels}`)
    if (slices > 1) lines.push(`slices=${slices}`)
    if (frames > 1) lines.push(`frames=${frames}`)
    lines.push('hyperstack=true', 'mode=grayscale')
  }
  if (pixelSize !== undefined) lines.push(`unit=${unitForImageJ(pixelSize.unit)}`)
  if (pageSpacing?.z !== undefined) lines.push(`spacing=${pageSpacing.z}`)
  if (pageSpacing?.t !== undefined) {
    const { value, unit } = pageSpacing.t
    lines.push(`finterval=${value}`, `tunit=${unitForImageJ(unit)}`)
  }
  lines.push('loop=false', `min=${displayRange[0]}`, `max=${displayRange[1]}`)
  return `${lines.join('\n')}\n`
}

/** TIFF text is ASCII: ImageJ writes other characters as Java escapes, and 'micron' for the most frequent one. */
function unitForImageJ(unit: string): string {
  if (unit === 'µm') return 'micron'
  return unit.replace(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
  )
}

/**
 * The entries of the first directory that label ImageJ's planes (`TiffEncoder.writeMetaDataEntries` in ImageJ's source): the
 * lengths of a header and of one text a plane, and these in the file's byte order, low end first; text as UTF-16.
 * @param channelNames of each slice and frame in turn; without them there are none
 */
export function labelsForImageJ(planes: number, channelNames: readonly string[] = []): TiffEntry[] {
  if (channelNames.length === 0) return []
  const header = Buffer.alloc(12)
  header.write('JIJI', 0, 'latin1')
  header.write('lbal', 4, 'latin1')
  header.writeUInt32LE(planes, 8)
  const texts = Array.from({ length: planes }, (_, plane) =>
    Buffer.from(channelNames[plane % channelNames.length] as string, 'utf16le'),
  )
  return [
    { tag: 50838, type: 'long', values: [header.length, ...texts.map(({ length }) => length)] },
    { tag: 50839, type: 'byte', bytes: Buffer.concat([header, ...texts]) },
  ]
}
