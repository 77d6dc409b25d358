import { createHash } from 'node:crypto'
import { CancelledError, SegscopeError } from '../errors.ts'
import type { ImageSource } from '../images/image-source.ts'
import { UNLABELLED, type LabelMap } from '../images/label-map.ts'
import type { ClassFacts, Fingerprint, ImageFacts } from './fingerprint.ts'
import { bitDepth, describeChannel, type ImageBrightness, quantile, sortFinite } from './intensities.ts'
import { type Component, measureComponents, typicalSize } from './objects.ts'
import { type PixelSample, samplePixels } from './sample-pixels.ts'

/** Values kept a channel for the data set's percentiles, shared out evenly among the images. */
const samplesPerDataSet = 4_000_000
/**
 * Below this labelled share an image's labels are strokes: their shapes are the brush's, not the objects'. Maps
 * drawn in full but with unsure places left out stay well above it.
 */
const denselyLabelled = 0.3

/** One image of the data set and its labels, opened only while they are measured. */
export interface DataSetItem {
  path: string
  labelPath: string | undefined
  /** A page of a stack is left out where nothing on it is labelled: of a long one few may be. */
  isPage?: boolean
  open(): Promise<ImageSource>
  /** undefined where the image has no labels. */
  readLabels(): Promise<LabelMap | undefined>
}

export interface MeasureOptions {
  /** Names by class value, where the user gave some; other values are called "class N". */
  classNames?: readonly string[]
  signal?: AbortSignal
  onProgress?: (done: number, total: number) => void
}

/** What one image adds to the whole; kept small, as there may be thousands. */
interface ImageMeasurement {
  facts: ImageFacts
  /** Sampled values of each channel, thinned to the image's share. */
  values: Float32Array[]
  /** One entry a channel. */
  brightness: ImageBrightness[]
  components: Component[]
}

/**
 * Measures a data set: reads at most 200,704 pixels of each image and all labels, one image after the other.
 * Files that cannot be read are named in `unreadable`, labels of another size than their image in its facts, and
 * the rest is measured.
 * @throws CancelledError where the signal fires
 */
export async function measureFingerprint(
  items: readonly DataSetItem[],
  { classNames = [], signal, onProgress }: MeasureOptions = {},
): Promise<Fingerprint> {
  const measurements: ImageMeasurement[] = []
  const unreadable: Fingerprint['unreadable'] = []
  const samplesPerImage = Math.ceil(samplesPerDataSet / Math.max(1, items.length))
  for (const [index, item] of items.entries()) {
    if (signal?.aborted === true) throw new CancelledError()
    try {
      if (item.isPage === true && !(await isLabelled(item))) continue
      measurements.push(await measureImage(item, samplesPerImage))
    } catch (error) {
      if (!(error instanceof SegscopeError) || error instanceof CancelledError) throw error
      unreadable.push({ path: error.file ?? item.path, reason: error.describe() })
    } finally {
      onProgress?.(index + 1, items.length)
    }
  }
  const images = measurements.map((measurement) => measurement.facts)
  const channels = Math.max(0, ...images.map((image) => (isStoredGrey(image) ? 1 : image.channels)))
  return {
    images,
    unreadable,
    channels,
    intensities: Array.from({ length: channels }, (_, channel) => describeOver(measurements, channel)),
    classes: describeClasses(measurements, classNames),
  }
}

async function isLabelled(item: DataSetItem): Promise<boolean> {
  const values = (await item.readLabels())?.values
  return values?.some((value) => value !== UNLABELLED) ?? false
}

async function measureImage(item: DataSetItem, samplesPerImage: number): Promise<ImageMeasurement> {
  const source = await item.open()
  try {
    const { info } = source
    const sample = await samplePixels(source)
    const sorted = sample.channels.map(sortFinite)
    const found = await item.readLabels()
    const fits = found?.width === info.width && found.height === info.height
    const labels = fits ? found : undefined
    const classPixels = labels === undefined ? [] : countClasses(labels)
    const labelled = classPixels.reduce((sum, pixels) => sum + pixels, 0)
    const step = Math.ceil(sample.positions.length / samplesPerImage)
    const facts: ImageFacts = {
      path: item.path,
      labelPath: item.labelPath,
      width: info.width,
      height: info.height,
      channels: info.channels,
      colour: info.channels === 3 && !channelsAreEqual(sample),
      sampleType: info.sampleType,
      ...bitDepth(sorted, info),
      medians: sorted.map((values) => quantile(values, 0.5)),
      constant: sorted.every((values) => values.length === 0 || values[0] === values.at(-1)),
      contentHash: hashOf(sample, info.width),
      labelSizeMismatch:
        found === undefined || fits ? undefined : { width: found.width, height: found.height },
      labelled,
      classPixels,
    }
    return {
      facts,
      values: sample.channels.map((values) =>
        Float32Array.from(
          { length: Math.ceil(values.length / step) },
          (_, index) => values[index * step] as number,
        ),
      ),
      brightness: sorted.map((values, channel) => ({
        median: quantile(values, 0.5),
        classMedians: classMedians(sample, channel, labels, classPixels.length),
      })),
      components:
        labels !== undefined && labelled >= denselyLabelled * labels.values.length
          ? measureComponents(labels)
          : [],
    }
  } finally {
    await source.close()
  }
}

/** Stored with three equal channels: RGB by format, grey by content. */
function isStoredGrey(image: ImageFacts): boolean {
  return image.channels === 3 && !image.colour
}

function channelsAreEqual({ channels }: PixelSample): boolean {
  const [first, ...others] = channels
  return others.every((values) => values.every((value, index) => value === first?.[index]))
}

function countClasses(labels: LabelMap): number[] {
  const counts = new Array<number>(256).fill(0)
  for (const value of labels.values) counts[value] = (counts[value] as number) + 1
  return counts.slice(0, counts.findLastIndex((count, value) => count > 0 && value !== UNLABELLED) + 1)
}

function hashOf(sample: PixelSample, width: number): string {
  const hash = createHash('sha1').update(`${width}`)
  for (const values of sample.channels) hash.update(values)
  return hash.digest('hex')
}

function classMedians(
  sample: PixelSample,
  channel: number,
  labels: LabelMap | undefined,
  classes: number,
): (number | undefined)[] {
  if (labels === undefined) return []
  const byClass = Array.from({ length: classes }, (): number[] => [])
  const values = sample.channels[channel] as Float32Array
  sample.positions.forEach((position, index) => {
    byClass[labels.values[position] as number]?.push(values[index] as number)
  })
  return byClass.map((ofClass) => {
    const sorted = sortFinite(Float32Array.from(ofClass))
    return sorted.length === 0 ? undefined : quantile(sorted, 0.5)
  })
}

/** One channel over all images; an image of fewer channels stands for its first one in each. */
function describeOver(measurements: readonly ImageMeasurement[], channel: number) {
  const of = <T>(channels: readonly T[]): T => (channels[channel] ?? channels[0]) as T
  const size = measurements.reduce((sum, measurement) => sum + of(measurement.values).length, 0)
  const values = new Float32Array(size)
  let offset = 0
  for (const measurement of measurements) {
    const share = of(measurement.values)
    values.set(share, offset)
    offset += share.length
  }
  return describeChannel(
    values,
    measurements.map((measurement) => of(measurement.brightness)),
    Math.max(...measurements.map((measurement) => measurement.facts.usedBits)),
  )
}

function describeClasses(measurements: readonly ImageMeasurement[], names: readonly string[]): ClassFacts[] {
  const images = measurements.map((measurement) => measurement.facts)
  const components = measurements.flatMap((measurement) => measurement.components)
  const count = Math.max(names.length, ...images.map((image) => image.classPixels.length))
  return Array.from({ length: count }, (_, value) => {
    const size = typicalSize(components, value)
    return {
      value,
      name: names[value] ?? `class ${value}`,
      pixels: images.reduce((sum, image) => sum + (image.classPixels[value] ?? 0), 0),
      images: images.filter((image) => (image.classPixels[value] ?? 0) > 0).length,
      objectDiameter: size?.diameter,
      objectThickness: size?.thickness,
    }
  })
}
