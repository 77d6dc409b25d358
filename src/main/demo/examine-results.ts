import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { PixelSize } from '../../model/images/image-source.ts'
import { type ObjectMeasurement, measureObjects } from '../../model/prediction/measurements.ts'
import type { Scores } from '../../model/training/events.ts'
import { ConfusionMatrix } from '../../model/training/metrics.ts'
import { openImage } from '../imaging/open-image.ts'
import { overlayClasses, writePng } from '../imaging/overlay.ts'
import { previewImage } from '../imaging/preview.ts'
import { readLabelMap } from '../imaging/read-label-map.ts'
import { readPlane } from '../imaging/read-plane.ts'
import type { SampleProject } from './write-sample-project.ts'

export type Frame = SampleProject['frames'][number]

/** The objects that were found in a frame. */
export interface ExaminedFrame extends Frame {
  pixelSize: PixelSize | undefined
  objects: ObjectMeasurement[]
}

export interface Examination {
  frames: ExaminedFrame[]
  /** Of the masks of held-out frames, against the truth. */
  scores: Scores
}

/**
 * Looks at the masks as they lie on the disk: measures their objects, compares them with the truth where it is known,
 * and draws `NAME.png` (mask over image), `NAME_image.png` and `NAME_truth.png` into `overlaysFolder`.
 * @throws SegscopeError where a file cannot be read or written; the signal's reason
 */
export async function examineResults(
  { imagesFolder, truthFolder, classNames }: SampleProject,
  frames: readonly Frame[],
  { masksFolder, overlaysFolder }: { masksFolder: string; overlaysFolder: string },
  onFrame: (done: number) => void,
  signal: AbortSignal,
): Promise<Examination> {
  await mkdir(overlaysFolder, { recursive: true })
  const matrix = new ConfusionMatrix(classNames.length)
  const examined: ExaminedFrame[] = []
  for (const frame of frames) {
    signal.throwIfAborted()
    const fileName = `${frame.name}.tif`
    const drawing = (suffix: string): string => join(overlaysFolder, `${frame.name}${suffix}.png`)
    const image = await openImage(join(imagesFolder, fileName))
    try {
      const mask = await readLabelMap(join(masksFolder, fileName), 'classes', classNames.length)
      const objects = measureObjects(mask, await readPlane(image))
      examined.push({ ...frame, pixelSize: image.info.pixelSize, objects })
      const preview = await previewImage(image)
      await writePng(drawing('_image'), preview)
      await writePng(drawing(''), overlayClasses(preview, mask))
      if (frame.role === 'held out') {
        const truth = await readLabelMap(join(truthFolder, fileName), 'classes', classNames.length)
        matrix.add(truth.values, mask.values)
        await writePng(drawing('_truth'), overlayClasses(preview, truth))
      }
    } finally {
      await image.close()
    }
    onFrame(examined.length)
  }
  return { frames: examined, scores: matrix.scores() }
}
