import { SegscopeError } from '../../model/errors.ts'
import type { ImageInfo } from '../../model/images/image-source.ts'
import type { Fingerprint } from '../../model/plan/fingerprint.ts'
import type { SplitWish } from '../../model/plan/split.ts'
import { measureFingerprint } from '../../model/plan/measure-fingerprint.ts'
import { splitAddress } from '../../preload/contract/image-address.ts'
import { convertLabels } from './convert-labels.ts'
import { guessLabelValues } from '../imaging/guess-label-values.ts'
import { listImages } from '../imaging/list-images.ts'
import { openImage, openWithStack } from '../imaging/open-image.ts'
import { pairPages } from './pair-pages.ts'
import { pairImagesWithLabels } from '../imaging/pair-labels.ts'
import { type LabelValues, readLabelMap } from '../imaging/read-label-map.ts'

export interface TrainingDataRequest {
  imagesFolder: string
  labelsFolder: string
  labelSuffix?: string | undefined
  /** Guessed from the values found where undefined. */
  labelValues?: LabelValues | undefined
  classNames?: readonly string[] | undefined
  signal?: AbortSignal | undefined
}

/** A labelled image, or page of a stack, that opens, and whose labels fit it. */
export interface LabelledFile {
  /** See `learntAddress`. */
  path: string
  labelPath: string
  /** Of the whole stack. */
  info: ImageInfo
  classPixels: number[]
  wish: SplitWish
}

export interface TrainingData {
  labelValues: LabelValues
  /** How the values of the label images are understood, as a sentence. */
  labelExplanation: string
  fingerprint: Fingerprint
  labelled: LabelledFile[]
}

/**
 * Finds images and their labels in folders, and measures them. What cannot be read is named in the fingerprint.
 * @param convertedFolder where label maps go that are made of shapes, Cellpose's results and folders of masks
 * @param onProgress how many images are measured, of how many
 * @throws SegscopeError `no-images`, and as `pairImagesWithLabels` and `guessLabelValues`; CancelledError
 */
export async function readTrainingData(
  request: TrainingDataRequest,
  convertedFolder: string,
  onProgress: (done: number, total: number) => void,
): Promise<TrainingData> {
  const { imagesFolder, labelsFolder, labelSuffix, classNames = [], signal } = request
  const images = await listImages(imagesFolder)
  if (images.length === 0) {
    throw new SegscopeError('no-images', `${imagesFolder} holds no image.`, {
      file: imagesFolder,
      remedy: 'Name a folder with TIFF, PNG or JPEG files.',
    })
  }
  const found = await pairImagesWithLabels(images, imagesFolder, labelsFolder, labelSuffix)
  const { pairs: whole, ...known } = await convertLabels(found, convertedFolder, classNames, signal)
  const pairs = await pairPages(whole, signal)
  const labels = pairs.flatMap(({ label }) => label ?? [])
  const { labelValues, explanation } = await understandLabels(
    request.labelValues ?? known.labelValues,
    labels,
  )
  const infos = new Map<string, ImageInfo>()
  const fingerprint = await measureFingerprint(
    pairs.map(({ image, label }) => ({
      path: image,
      labelPath: label,
      isPage: label !== undefined && splitAddress(label).selection.page !== undefined,
      open: async () => {
        const { source, stack } = await openWithStack(image)
        infos.set(image, stack)
        return source
      },
      readLabels: async () => (label === undefined ? undefined : readLabelMap(label, labelValues)),
    })),
    {
      classNames: namesOf(labelValues, known.classNames),
      onProgress,
      ...(signal === undefined ? {} : { signal }),
    },
  )
  const labelled = fingerprint.images.flatMap(({ path, labelPath, labelled: pixels, classPixels }) =>
    pixels === 0 || labelPath === undefined
      ? []
      : [{ path, labelPath, info: infos.get(path) as ImageInfo, classPixels, wish: 'automatic' as const }],
  )
  return { labelValues, labelExplanation: explanation, fingerprint, labelled }
}

/** The names that are known; of one kind of thing on a ground, where none are, those that say so. */
function namesOf(labelValues: LabelValues, known: readonly string[]): readonly string[] {
  return labelValues === 'binary' && known.length === 0 ? ['background', 'foreground'] : known
}

/** Reads the labels' values as the user said, or guesses from those files that can be opened. */
async function understandLabels(
  given: LabelValues | undefined,
  labels: string[],
): Promise<{ labelValues: LabelValues; explanation: string }> {
  if (given !== undefined) {
    return { labelValues: given, explanation: `Label values are read as "${given}", as asked for.` }
  }
  const readable: string[] = []
  let failure: SegscopeError | undefined
  for (const label of labels) {
    try {
      await (await openImage(label)).close()
      readable.push(label)
    } catch (thrown) {
      if (!(thrown instanceof SegscopeError)) throw thrown
      failure = thrown
    }
  }
  if (readable.length === 0) {
    throw new SegscopeError('labels-unreadable', 'None of the label images can be read.', {
      file: labels[0],
      remedy: failure?.describe(),
    })
  }
  return guessLabelValues(readable)
}
