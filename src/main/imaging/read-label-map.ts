import { SegscopeError } from '../../model/errors.ts'
import type { ImageSource, Samples } from '../../model/images/image-source.ts'
import { UNLABELLED, type LabelMap } from '../../model/images/label-map.ts'
import { openImage } from './open-image.ts'
import { readPlane } from './read-plane.ts'

/**
 * What the values of label images mean: `classes`: the value is the class, 255 not labelled; `binary`: 0 is class 0,
 * everything else class 1; `zero-unlabelled`: 0 is not labelled, classes count from 1 (napari, ilastik).
 */
export type LabelValues = 'classes' | 'binary' | 'zero-unlabelled'

/** The values of a label image as stored, one a pixel, `[height, width]`. */
export interface LabelImage {
  width: number
  height: number
  values: Samples
}

/**
 * Reads a label image and turns its values into classes.
 * @param classCount where given, values of further classes are refused
 * @throws SegscopeError as `readLabelImage`, and `label-value-unknown` where a value is no class
 */
export async function readLabelMap(
  path: string,
  labelValues: LabelValues,
  classCount = 255,
): Promise<LabelMap> {
  const { width, height, values: stored } = await readLabelImage(path)
  const values = new Uint8Array(stored.length)
  for (let index = 0; index < stored.length; index++) {
    const value = stored[index] as number
    const label = labelOf(value, labelValues)
    if (label !== UNLABELLED && !(label >= 0 && label < classCount)) {
      throw unknownValue(path, value, index, width, labelValues, classCount)
    }
    values[index] = label
  }
  return { width, height, values }
}

/** The class of a stored value, or UNLABELLED; what is no class is returned as it is, to be refused. */
export function labelOf(value: number, labelValues: LabelValues): number {
  if (labelValues === 'binary') return value === 0 ? 0 : 1
  if (labelValues === 'classes') return value
  // The class 255 would be taken for UNLABELLED.
  return value === 0 ? UNLABELLED : value > UNLABELLED ? value : value - 1
}

function unknownValue(
  path: string,
  value: number,
  index: number,
  width: number,
  labelValues: LabelValues,
  classCount: number,
): SegscopeError {
  const [first, last] = labelValues === 'classes' ? [0, classCount - 1] : [1, classCount]
  const exception = labelValues === 'classes' ? '255 for not labelled' : '0 for not labelled'
  return new SegscopeError(
    'label-value-unknown',
    `${path} holds the value ${String(value)} at (${String(index % width)}, ${String(Math.floor(index / width))}); classes are ${String(first)} to ${String(last)}, and ${exception}.`,
    {
      file: path,
      remedy:
        'Where its values number objects or mark one kind of thing only, have them read so ("binary"); else correct the label image.',
    },
  )
}

/**
 * Reads the stored values of a label image: one integer a pixel, from a grey or palette image, or from an RGB image
 * whose channels are equal.
 * @throws SegscopeError as `openImage` and `readLabelPage`, and `label-pages`
 */
export async function readLabelImage(path: string): Promise<LabelImage> {
  const source = await openImage(path)
  try {
    const { pages } = source.info
    if (pages > 1) {
      throw new SegscopeError('label-pages', `${path} has ${String(pages)} pages; a label map has one.`, {
        file: path,
        remedy:
          'The labels of a stack have as many pages as it has; else save each page as a file of its own.',
      })
    }
    return await readLabelPage(source, 0)
  } finally {
    await source.close()
  }
}

/**
 * Reads the stored values of one page of an opened label image.
 * @throws SegscopeError `label-lossy`, `label-colours` or `label-not-integer`; as `readPlane`
 */
export async function readLabelPage(source: ImageSource, page: number): Promise<LabelImage> {
  const { path } = source
  refuseLossy(source)
  const { samples, channels, width, height } = await readPlane(source, page)
  const values = samples.subarray(0, width * height)
  for (let index = values.length; index < samples.length; index++) {
    if (samples[index] !== values[index % values.length]) {
      throw new SegscopeError(
        'label-colours',
        `${path} shows labels as colours (${String(channels)} channels that differ); the value of a pixel must be its class.`,
        { file: path, remedy: 'Export the label map itself, not its picture: a grey or palette image.' },
      )
    }
  }
  const fraction = values.findIndex((value) => !Number.isInteger(value))
  if (fraction !== -1) {
    throw new SegscopeError(
      'label-not-integer',
      `${path} holds the value ${String(values[fraction])}; the values of a label map are whole numbers.`,
      { file: path, remedy: 'Give the label map itself, not probabilities or an image.' },
    )
  }
  return { width, height, values }
}

/** @throws SegscopeError `label-lossy` where the format alters values */
export function refuseLossy({ path, info }: ImageSource): void {
  if (info.format !== 'JPEG') return
  throw new SegscopeError(
    'label-lossy',
    `${path} is a JPEG, which alters values: labels cannot be kept in it.`,
    { file: path, remedy: 'Export the labels as PNG or TIFF.' },
  )
}
