import type { ImageDetails } from '../../../preload/contract/images.ts'
import type { ResultClass, ResultObject } from '../../../preload/contract/results.ts'

/** One number that objects have, as a column of the table and an axis of the plots. */
export interface MeasuredColumn {
  key: string
  /** `Area`, and its unit where it has one: `µm²`. */
  title: string
  unit: string
  value: (object: ResultObject) => number | null
}

export type LengthUnit = 'px' | 'µm'

/** Micrometres a pixel, where the image states it and its pixels are square. */
export function micrometres({ pixelSize }: ImageDetails): number | undefined {
  if (pixelSize?.unit !== 'µm' || Math.abs(pixelSize.x / pixelSize.y - 1) > 1e-3) return undefined
  return pixelSize.x
}

export function measuredColumns(details: ImageDetails, unit: LengthUnit): MeasuredColumn[] {
  const length = unit === 'µm' ? (micrometres(details) ?? 1) : 1
  const column = (
    key: string,
    title: string,
    columnUnit: string,
    value: MeasuredColumn['value'],
  ): MeasuredColumn => ({ key, title, unit: columnUnit, value })
  return [
    column('area', 'Area', `${unit}²`, ({ area }) => area * length ** 2),
    column('perimeter', 'Perimeter', unit, ({ perimeter }) => perimeter * length),
    column('circularity', 'Circularity', '', ({ circularity }) => circularity),
    column('eccentricity', 'Eccentricity', '', ({ eccentricity }) => eccentricity),
    column('x', 'x', 'px', ({ centroid }) => centroid.x),
    column('y', 'y', 'px', ({ centroid }) => centroid.y),
    ...Array.from({ length: details.channels }, (_, channel) => {
      const of = details.channels === 1 ? '' : ` ${channel + 1}`
      return [
        column(`mean-${channel}`, `Mean${of}`, '', ({ intensities }) => intensities[channel]?.mean ?? null),
        column(
          `deviation-${channel}`,
          `Deviation${of}`,
          '',
          ({ intensities }) => intensities[channel]?.deviation ?? null,
        ),
        column(
          `minimum-${channel}`,
          `Minimum${of}`,
          '',
          ({ intensities }) => intensities[channel]?.minimum ?? null,
        ),
        column(
          `maximum-${channel}`,
          `Maximum${of}`,
          '',
          ({ intensities }) => intensities[channel]?.maximum ?? null,
        ),
      ]
    }).flat(),
  ]
}

export function columnTitle({ title, unit }: MeasuredColumn): string {
  return unit === '' ? title : `${title} (${unit})`
}

export function className(classes: readonly ResultClass[], { classIndex }: ResultObject): string {
  return classes[classIndex]?.name ?? `class ${classIndex}`
}
