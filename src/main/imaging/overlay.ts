import sharp from 'sharp'
import { classColour } from '../../model/classes/palette.ts'
import { UNLABELLED, type LabelMap } from '../../model/images/label-map.ts'
import type { Preview } from './preview.ts'
import { writeWhole } from './temporary-file.ts'

/** The image stays visible through its classes; their outlines are solid. */
const FILL_OPACITY = 0.35

/**
 * Lays the classes over a preview: each in its colour, with an outline; background (0) and pixels that nobody
 * labelled stay as they are.
 * @param colourOf `#rrggbb` of a class value
 * @throws RangeError where the two differ in size
 */
export function overlayClasses(
  preview: Preview,
  labels: LabelMap,
  colourOf: (classValue: number) => string = classColour,
): Preview {
  const { width, height } = preview
  if (labels.width !== width || labels.height !== height) {
    throw new RangeError(
      `Labels of ${labels.width} x ${labels.height} over an image of ${width} x ${height}.`,
    )
  }
  const { values } = labels
  const colours = Array.from({ length: 256 }, (_, value) => channelsOf(colourOf(value)))
  const rgb = preview.rgb.slice()
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x
      const value = values[at] as number
      if (value === 0 || value === UNLABELLED) continue
      const outline =
        (x > 0 && values[at - 1] !== value) ||
        (x < width - 1 && values[at + 1] !== value) ||
        (y > 0 && values[at - width] !== value) ||
        (y < height - 1 && values[at + width] !== value)
      const opacity = outline ? 1 : FILL_OPACITY
      for (let channel = 0; channel < 3; channel++) {
        const colour = (colours[value] as number[])[channel] as number
        const grey = rgb[3 * at + channel] as number
        rgb[3 * at + channel] = Math.round(grey + opacity * (colour - grey))
      }
    }
  }
  return { width, height, rgb }
}

/** @throws SegscopeError where the file cannot be written; it is there whole or not at all */
export async function writePng(path: string, { width, height, rgb }: Preview): Promise<void> {
  const bytes = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 6 })
    .toBuffer()
  await writeWhole(path, [bytes])
}

function channelsOf(colour: string): number[] {
  return [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16))
}
