import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import { writeFileAtomically } from '../../model/files/atomic-write.ts'
import { ObjectMeasurer } from '../../model/prediction/measurements.ts'
import { measurementsHeading, measurementsRows } from '../../model/prediction/measurements-csv.ts'
import { openImage } from '../imaging/open-image.ts'
import { overlayClasses, writePng } from '../imaging/overlay.ts'
import { previewImage, previewLabels } from '../imaging/preview.ts'
import { nameOutputs } from './segmentation-outputs.ts'

/** Rows that are read at a time. */
const rowsAtOnce = 256

export interface SegmentationExtras {
  images: readonly string[]
  imagesFolder: string
  outFolder: string
  probabilities: boolean
  classNames: readonly string[]
  /** Pictures of the results over their images, into `overlays/`. */
  overlays: boolean
  /** One table of all objects: `measurements.csv`. */
  measurements: boolean
}

/**
 * Draws overlays and measures objects of the results that lie in the output folder; images without one are left out.
 * @param onProgress 0 to 1
 * @throws SegscopeError where a file cannot be read or written; the signal's reason
 */
export async function writeExtras(
  extras: SegmentationExtras,
  onProgress: (fraction: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const jobs = nameOutputs(extras.images, extras.imagesFolder, extras.probabilities)
  const rows: string[] = []
  let channels = 1
  for (const [index, { image: path, file, labels }] of jobs.entries()) {
    signal.throwIfAborted()
    const result = join(extras.outFolder, labels)
    if (!existsSync(result)) continue
    const [image, mask] = [await openImage(path), await openImage(result)]
    try {
      channels = Math.max(channels, image.info.channels)
      if (extras.overlays) {
        const name = `${labels.slice(0, labels.length - extname(labels).length)}.png`
        const drawing = join(extras.outFolder, 'overlays', name)
        await mkdir(dirname(drawing), { recursive: true })
        await writePng(drawing, overlayClasses(await previewImage(image), await previewLabels(mask)))
      }
      if (extras.measurements) {
        const { width, height, pixelSize } = image.info
        const measurer = new ObjectMeasurer(width)
        for (let y = 0; y < height; y += rowsAtOnce) {
          const band = { x: 0, y, width, height: Math.min(rowsAtOnce, height - y) }
          const values = (await mask.read(band)).samples as Uint8Array
          measurer.addRows(values, await image.read(band))
        }
        rows.push(measurementsRows({ name: file, pixelSize, objects: measurer.finish() }, extras.classNames))
      }
    } finally {
      await Promise.all([image.close(), mask.close()])
    }
    onProgress((index + 1) / jobs.length)
  }
  if (extras.measurements) {
    const lines = [measurementsHeading(channels), ...rows].map((text) => Buffer.from(text))
    await writeFileAtomically(join(extras.outFolder, 'measurements.csv'), lines)
  }
}
