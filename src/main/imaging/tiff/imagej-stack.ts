import type { Axis } from '../../../model/images/image-source.ts'

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
