import { Zip, ZipDeflate } from 'fflate'
import { objectMasks } from '../../../model/prediction/object-masks.ts'
import { traceOutlines } from '../../../model/prediction/outlines.ts'
import { writeWhole } from '../temporary-file.ts'
import { encodeImageJRoi } from './imagej-roi.ts'
import { nameOfClass, placeOfPage, type WrittenLabels } from './written-labels.ts'

/**
 * Writes the objects as a zip for ImageJ's ROI Manager: one region an object, `0001-colony.roi`, in the colour of its class
 * and, in stacks, on its slice and frame.
 * @throws SegscopeError where the labels cannot be read, and as `outputError` says
 */
export async function writeRoiSet(path: string, written: WrittenLabels): Promise<void> {
  await writeWhole(path, encodeRoiSet(written))
}

async function* encodeRoiSet({ labels, classes, splitting }: WrittenLabels): AsyncGenerator<Uint8Array> {
  let chunks: Uint8Array[] = []
  const zip = new Zip((error, chunk) => {
    if (error !== null) throw error
    chunks.push(chunk)
  })
  let number = 0
  for (let page = 0; page < labels.info.pages; page++) {
    const { z, t } = placeOfPage(labels.info, page)
    const place = labels.info.pages === 1 ? undefined : { page: page + 1, slice: z + 1, frame: t + 1 }
    for await (const { classValue, mask, box } of objectMasks(labels, page, splitting)) {
      const { name: className, colour } = nameOfClass(classes, classValue)
      const name = `${String(++number).padStart(4, '0')}-${className.replace(/[^\p{L}\p{N} _-]/gu, '_')}`
      const outlines = traceOutlines(mask, box.width, box.height, box.x, box.y)
      const entry = new ZipDeflate(`${name}.roi`, { level: 6 })
      // Times would make equal results differ; a zip knows none before 1980.
      entry.mtime = new Date(1980, 0, 1)
      zip.add(entry)
      entry.push(encodeImageJRoi({ name, outlines, colour, place }), true)
      yield* chunks
      chunks = []
    }
  }
  zip.end()
  yield* chunks
}
