import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { CancelledError } from '../../model/errors.ts'
import { openFittingLabels } from '../imaging/label-readers/open-fitting-labels.ts'
import { isIlastikProject } from '../imaging/label-readers/ilastik-project.ts'
import { isShapeFile, namesInLabels } from '../imaging/label-readers/open-labels.ts'
import { openImage } from '../imaging/open-image.ts'
import type { LabelledImage } from '../imaging/pair-labels.ts'
import { type LabelValues, readLabelPage } from '../imaging/read-label-map.ts'
import { TiffWriter } from '../imaging/tiff-writer.ts'
import { explainFolderError } from './folder-error.ts'
import { imageStems } from './image-stem.ts'

/** What 16 bits can number; objects beyond share the last number, and are foreground all the same. */
const LARGEST_NUMBER = 65535

/**
 * Turns labels that are no label maps into label maps, once, so that training reads all labels in one way, and an experiment
 * says what it learnt from even where the file of shapes changes later.
 * @param folder made where it is missing
 * @param classNames that are known; the classes of shapes that are not among them are added
 * @returns the pairs with the files that were made, and the classes; what the values of the files stand for, where it is known
 * @throws SegscopeError as `openFittingLabels`, `namesInLabels` and `TiffWriter`; CancelledError
 */
export async function convertLabels(
  pairs: readonly LabelledImage[],
  folder: string,
  classNames: readonly string[],
  signal: AbortSignal | undefined,
): Promise<{ pairs: LabelledImage[]; classNames: readonly string[]; labelValues: LabelValues | undefined }> {
  const labels = pairs.flatMap(({ label }) => label ?? [])
  // In ilastik the background is a class like others, and what nobody painted is none; between shapes lies the background.
  const areStrokes = labels.length > 0 && labels.every(isIlastikProject)
  const names = new Set(areStrokes ? classNames : classNames.slice(1))
  const shapes = new Set<string>()
  for (const label of new Set(labels)) {
    if (!(await isShapeFile(label))) continue
    shapes.add(label)
    for (const name of await namesInLabels(label)) names.add(name)
  }
  const converted: LabelledImage[] = []
  for (const { image, label } of pairs) {
    if (signal?.aborted === true) throw new CancelledError()
    const isShapes = label !== undefined && shapes.has(label)
    converted.push({ image, label: isShapes ? await convert(image, label, folder, [...names]) : label })
  }
  const isNamed = classNames.length > 0 || names.size === 0
  return {
    pairs: converted,
    classNames: areStrokes ? [...names] : isNamed ? classNames : ['background', ...names],
    labelValues: areStrokes ? 'zero-unlabelled' : undefined,
  }
}

async function convert(
  image: string,
  path: string,
  folder: string,
  names: readonly string[],
): Promise<string> {
  const source = await openImage(image)
  const { width, height, pages, pixelSize, zPlanes = 1 } = source.info
  await source.close()
  const labels = await openFittingLabels({
    path,
    image: { path: image, width, height, pages, zPlanes },
    names,
  })
  try {
    const place = createHash('sha256').update(`${image}\0${path}`).digest('hex').slice(0, 8)
    const target = join(folder, `${basename(imageStems(image).plain)}_${place}.tif`)
    await mkdir(folder, { recursive: true }).catch((thrown: unknown) => {
      throw explainFolderError(thrown, folder)
    })
    const writer = await TiffWriter.create(target, {
      width,
      height,
      sampleType: 'uint16',
      channels: 1,
      frames: pages,
      pixelSize,
      displayRange: [0, Math.max(1, names.length)],
    })
    try {
      for (let page = 0; page < pages; page++) {
        const { values } = await readLabelPage(labels, page)
        await writer.writeRows(
          Uint16Array.from(values, (value) => Math.min(LARGEST_NUMBER, value)),
          page,
        )
      }
      await writer.finish()
    } finally {
      await writer.abort()
    }
    return target
  } finally {
    await labels.close()
  }
}
