import {
  type LabelPlace,
  openFittingLabels,
  openFittingObjects,
} from './label-readers/open-fitting-labels.ts'
import { type LabelValues, readLabelPage } from './read-label-map.ts'

/**
 * Which object each pixel is of, where labels number their objects: files that know each object (shapes, Cellpose's results, a folder
 * of masks), and label maps of foreground whose values differ. undefined where they tell classes only.
 * @param labelValues what the values of label maps mean
 * @returns `[height, width]`, 0 for none
 * @throws SegscopeError as `openFittingLabels` and `readLabelPage`
 */
export async function readObjectNumbers(
  place: Omit<LabelPlace, 'names'>,
  page: number,
  labelValues: LabelValues,
): Promise<Int32Array | undefined> {
  const numbered = await openFittingObjects(place)
  if (numbered === undefined && labelValues !== 'binary') return undefined
  const source = numbered ?? (await openFittingLabels({ ...place, names: [] }))
  try {
    const { values } = await readLabelPage(source, page)
    // One value alone is a mask, not the number of an object.
    const first = values.find((value) => value !== 0)
    const isNumbered = numbered !== undefined || values.some((value) => value !== 0 && value !== first)
    return isNumbered ? Int32Array.from(values) : undefined
  } finally {
    await source.close()
  }
}
