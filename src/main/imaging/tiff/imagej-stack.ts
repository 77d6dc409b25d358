import type { Axis, PageSpacing } from '../../../model/images/image-source.ts'
import { pixelSizeInUnit } from '../pixel-size.ts'

/**
 * The axes along which ImageJ's planes lie, outermost first: it writes channels within slices within frames
 * (`FileInfo` and `TiffDecoder` in ImageJ's source). Images of which it only says how many there are, are slices, as when it
 * opens them itself.
 * @returns undefined where the description is not ImageJ's, or does not fit the number of planes
 */
export function imageJAxes(description: string, planes: number): Axis[] | undefined {
  if (!description.startsWith('ImageJ=')) return undefined
  const axes: Axis[] = [
    { name: 't', size: imageJNumber(description, 'frames') ?? 1 },
    { name: 'z', size: imageJNumber(description, 'slices') ?? 1 },
    { name: 'c', size: imageJNumber(description, 'channels') ?? 1 },
  ]
  return axes.reduce((product, { size }) => product * size, 1) === planes ? axes : undefined
}

/** A whole number that ImageJ keeps under a name. */
export function imageJNumber(description: string, name: string): number | undefined {
  const text = new RegExp(`^${name}=(\\d{1,9})$`, 'm').exec(description)?.[1]
  return text === undefined ? undefined : Number(text)
}

/** The distance between slices and the time between frames; undefined where ImageJ keeps neither. */
export function imageJSpacing(description: string): PageSpacing | undefined {
  if (!description.startsWith('ImageJ=')) return undefined
  const textOf = (name: string): string | undefined =>
    new RegExp(`^${name}=(.+)$`, 'm').exec(description)?.[1]
  const spacing = Number(textOf('spacing'))
  const z = pixelSizeInUnit(spacing, spacing, textOf('unit') ?? '')?.x
  const interval = Number(textOf('finterval'))
  const t =
    interval > 0 && Number.isFinite(interval)
      ? { value: interval, unit: textOf('tunit') ?? 'sec' }
      : undefined
  return z === undefined && t === undefined
    ? undefined
    : { ...(z !== undefined && { z }), ...(t !== undefined && { t }) }
}
