import type { PixelSize } from '../../model/images/image-source.ts'
import { csvLine, squareMicrometres } from '../../model/prediction/measurements-csv.ts'

/** The objects of one page of an image, as a summary counts them. */
export interface SummarisedPage {
  /** Of the image, as the table is to show it. */
  name: string
  /** From 0. */
  page: number
  verdict: string
  pixelSize: PixelSize | undefined
  objects: readonly { classValue: number; area: number }[]
}

/**
 * The heading of a table with a row a page: for each class but the background how many objects there are, and their areas. Columns in
 * square micrometres stay empty where an image does not state its pixel size.
 */
export function summaryHeading(classNames: readonly string[]): string {
  return csvLine([
    'image',
    'page',
    'verdict',
    ...classNames
      .slice(1)
      .flatMap((name) =>
        ['count', 'total_area_px', 'total_area_um2', 'mean_area_px', 'mean_area_um2'].map(
          (what) => `${name}_${what}`,
        ),
      ),
  ])
}

/** One row, to follow `summaryHeading`. */
export function summaryRow(
  { name, page, verdict, pixelSize, objects }: SummarisedPage,
  classNames: readonly string[],
): string {
  const scale = squareMicrometres(pixelSize)
  return csvLine([
    name,
    page + 1,
    verdict,
    ...classNames.slice(1).flatMap((_, index) => {
      const areas = objects.flatMap(({ classValue, area }) => (classValue === index + 1 ? area : []))
      const total = areas.reduce((sum, area) => sum + area, 0)
      const mean = areas.length === 0 ? undefined : total / areas.length
      return [areas.length, total, scale && total * scale, mean, scale && mean && mean * scale]
    }),
  ])
}
