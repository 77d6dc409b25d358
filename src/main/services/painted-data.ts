import type { ImageInfo } from '../../model/images/image-source.ts'
import type { SplitWish } from '../../model/plan/split.ts'
import { measureFingerprint } from '../../model/plan/measure-fingerprint.ts'
import { openWithStack } from '../imaging/open-image.ts'
import { readLabelMap } from '../imaging/read-label-map.ts'
import type { TrainingData } from './training-data.ts'

/** An image, or a page of a stack (`learntAddress`), and a copy of what was painted on it, as a label map of classes (255: not labelled). */
export interface PaintedImage {
  path: string
  labelPath: string
  wish: SplitWish
}

/**
 * Measures painted images. What cannot be read is named in the fingerprint.
 * @throws CancelledError
 */
export async function readPaintedData(
  images: readonly PaintedImage[],
  classNames: readonly string[],
  onProgress: (done: number, total: number) => void,
  signal: AbortSignal,
): Promise<TrainingData> {
  const infos = new Map<string, ImageInfo>()
  const wishes = new Map(images.map(({ path, wish }) => [path, wish]))
  const fingerprint = await measureFingerprint(
    images.map(({ path, labelPath }) => ({
      path,
      labelPath,
      open: async () => {
        const { source, stack } = await openWithStack(path)
        infos.set(path, stack)
        return source
      },
      readLabels: () => readLabelMap(labelPath, 'classes'),
    })),
    { classNames, onProgress, signal },
  )
  const labelled = fingerprint.images.flatMap(({ path, labelPath, labelled: pixels, classPixels }) => {
    const info = infos.get(path)
    return pixels === 0 || labelPath === undefined || info === undefined
      ? []
      : [{ path, labelPath, info, classPixels, wish: wishes.get(path) ?? 'automatic' }]
  })
  return { labelValues: 'classes', labelExplanation: 'Labels are those painted here.', fingerprint, labelled }
}
