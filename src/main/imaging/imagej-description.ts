import type { PixelSize } from '../../model/images/image-source.ts'

export interface ImageJProperties {
  /** Planes come channel by channel within a frame, the order that ImageJ calls XYCZT. */
  channels: number
  frames: number
  pixelSize: PixelSize | undefined
  /** Values shown as black and as white; without it a label map of three classes looks black. */
  displayRange: readonly [low: number, high: number]
}

/**
 * The image description by which ImageJ knows unit, axes and display range of its own files
 * (`FileInfo` and `FileOpener.setCalibration` in ImageJ's source). The pixel's size itself is in the resolution
 * tags, as pixels a unit, with the resolution unit "none".
 */
export function describeForImageJ({ channels, frames, pixelSize, displayRange }: ImageJProperties): string {
  const planes = channels * frames
  const lines = ['ImageJ=1.54f']
  if (planes > 1) {
    lines.push(`images=${planes}`)
    if (channels > 1) lines.push(`channels=${channels}`)
    if (frames > 1) lines.push(`frames=${frames}`)
    lines.push('hyperstack=true', 'mode=grayscale')
  }
  if (pixelSize !== undefined) lines.push(`unit=${unitForImageJ(pixelSize.unit)}`)
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
