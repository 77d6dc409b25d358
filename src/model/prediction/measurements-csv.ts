import type { PixelSize } from '../images/image-source.ts'
import type { ObjectMeasurement } from './measurements.ts'

/** The measured objects of one page of an image. */
export interface MeasuredImage {
  /** The image's name, as the table is to show it. */
  name: string
  /** Of a stack, counted from 0. */
  page: number
  pixelSize: PixelSize | undefined
  objects: readonly ObjectMeasurement[]
  /** Of each object, where these are not all: from 1. */
  numbers?: readonly number[]
}

/**
 * The heading of a table of measurements (RFC 4180): every unit is in its column's name. Columns in micrometres
 * are in every table and stay empty where an image does not state its pixel size.
 */
export function measurementsHeading(channels: number): string {
  return csvLine([
    'image',
    'page',
    'object',
    'class',
    'class_name',
    'area_px',
    'area_um2',
    'centroid_x_px',
    'centroid_y_px',
    'box_x_px',
    'box_y_px',
    'box_width_px',
    'box_height_px',
    'perimeter_px',
    'perimeter_um',
    'equivalent_diameter_px',
    'equivalent_diameter_um',
    'circularity',
    'eccentricity',
    'touches_border',
    ...Array.from({ length: channels }, (_, channel) => {
      const suffix = channels === 1 ? '' : `_channel_${channel + 1}`
      return ['mean', 'minimum', 'maximum', 'standard_deviation'].map((name) => `${name}_intensity${suffix}`)
    }).flat(),
  ])
}

/** The rows of one page of an image, to follow `measurementsHeading`; each page's objects are numbered from 1, unless they say otherwise. */
export function measurementsRows(image: MeasuredImage, classNames: readonly string[]): string {
  const { pixelSize } = image
  const micrometres = pixelSize?.unit === 'µm' ? pixelSize : undefined
  // a length in any direction has no one factor where pixels are not square
  const length =
    micrometres !== undefined && Math.abs(micrometres.x / micrometres.y - 1) < 1e-3
      ? micrometres.x
      : undefined
  const area = squareMicrometres(pixelSize)
  return image.objects
    .map((object, index) =>
      csvLine([
        image.name,
        image.page + 1,
        image.numbers?.[index] ?? index + 1,
        object.classValue,
        classNames[object.classValue] ?? `class ${object.classValue}`,
        object.area,
        area && object.area * area,
        object.centroid.x,
        object.centroid.y,
        object.boundingBox.x,
        object.boundingBox.y,
        object.boundingBox.width,
        object.boundingBox.height,
        object.perimeter,
        length && object.perimeter * length,
        object.equivalentDiameter,
        length && object.equivalentDiameter * length,
        object.circularity,
        object.eccentricity,
        object.touchesBorder ? 'yes' : 'no',
        ...object.intensities.flatMap((channel) => [
          channel.mean,
          channel.minimum,
          channel.maximum,
          channel.standardDeviation,
        ]),
      ]),
    )
    .join('')
}

/** What a pixel covers; undefined where the image does not state its pixel size in micrometres. */
export function squareMicrometres(pixelSize: PixelSize | undefined): number | undefined {
  return pixelSize?.unit === 'µm' ? pixelSize.x * pixelSize.y : undefined
}

/** A row of a table (RFC 4180); numbers to seven digits, empty where there is none. */
export function csvLine(cells: readonly (string | number | undefined)[]): string {
  return cells.map(csvCell).join(',') + '\r\n'
}

function csvCell(cell: string | number | undefined): string {
  if (cell === undefined || Number.isNaN(cell)) return ''
  if (typeof cell === 'number') return String(Number(cell.toPrecision(7)))
  // a spreadsheet would run text that begins like a formula (OWASP, "CSV injection")
  const harmless = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
