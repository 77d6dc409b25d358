import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { SegscopeError } from '../../../model/errors.ts'
import type { ImageInfo, PixelSize, Raster } from '../../../model/images/image-source.ts'
import { UNLABELLED } from '../../../model/images/label-map.ts'
import { segscopeVersion } from '../../version.ts'
import { halve } from '../pyramid/halve.ts'
import { putFolderInPlace, temporaryPath } from '../temporary-file.ts'
import { outputError } from '../write-errors.ts'
import { writeMetadata, writeMultiscale, type WrittenLevels, zarrAxes } from '../zarr/multiscale-writer.ts'
import { colourChannels, type WrittenClass, type WrittenLabels } from './written-labels.ts'

/** Of the label image within the group `labels`. */
const LABELS_NAME = 'classes'
/** The version of OME-Zarr: that of Zarr version 2, which Bio-Formats, and with it QuPath and Fiji, has read for longest. */
const VERSION = '0.4'

/**
 * Writes an image with its labels as OME-Zarr (https://ngff.openmicroscopy.org/0.4): a folder with the image's levels, its
 * channels' names and colours (`omero`), and `labels/classes` with the classes' colours and names. Row by row of chunks.
 * What stood there is replaced when all is written.
 * @throws SegscopeError `image-missing`, `label-size-differs`; where the image or the labels cannot be read; as `outputError` says
 */
export async function writeOmeZarr(path: string, written: WrittenLabels): Promise<void> {
  const { image, labels, imageName, pixelSize, classes } = written
  if (image === undefined) {
    throw new SegscopeError(
      'image-missing',
      'OME-Zarr holds an image with its labels, and the image is not there.',
      {
        file: labels.path,
        remedy: 'Put the image back in its place, or write another format.',
      },
    )
  }
  refuseOtherSize(image.info, labels.info, labels.path)
  const folder = temporaryPath(path)
  const labelsFolder = join(folder, 'labels')
  try {
    await mkdir(folder)
    const levels = await writeMultiscale(folder, image, halve)
    await writeGroup(folder, {
      multiscales: [multiscale(imageName, image.info, pixelSize, levels)],
      omero: omero(imageName, image.info, levels.smallest),
      _creator: { name: 'Segscope', version: segscopeVersion },
    })
    await writeGroup(labelsFolder, { labels: [LABELS_NAME] })
    const classesFolder = join(labelsFolder, LABELS_NAME)
    const labelLevels = await writeMultiscale(classesFolder, labels, halveClasses)
    await writeGroup(classesFolder, {
      multiscales: [multiscale(LABELS_NAME, labels.info, pixelSize, labelLevels)],
      'image-label': imageLabel(classes),
    })
    await putFolderInPlace(folder, path)
  } catch (thrown) {
    await rm(folder, { recursive: true, force: true })
    throw outputError(path, thrown)
  }
}

function refuseOtherSize(image: ImageInfo, labels: ImageInfo, file: string): void {
  if (image.width === labels.width && image.height === labels.height && image.pages === labels.pages) return
  const describe = ({ width, height, pages }: ImageInfo): string =>
    `${width} x ${height} pixels, ${pages} pages`
  throw new SegscopeError(
    'label-size-differs',
    `The labels have ${describe(labels)}, their image ${describe(image)}.`,
    { file, remedy: 'The image was changed meanwhile: make its labels anew.' },
  )
}

async function writeGroup(folder: string, attributes: unknown): Promise<void> {
  await writeMetadata(join(folder, '.zgroup'), { zarr_format: 2 })
  await writeMetadata(join(folder, '.zattrs'), attributes)
}

function multiscale(
  name: string,
  info: ImageInfo,
  pixelSize: PixelSize | undefined,
  { levels }: WrittenLevels,
): unknown {
  const unit = pixelSize && { unit: pixelSize.unit === 'µm' ? 'micrometer' : pixelSize.unit }
  const described = {
    t: { name: 't', type: 'time' },
    c: { name: 'c', type: 'channel' },
    z: { name: 'z', type: 'space' },
    y: { name: 'y', type: 'space', ...unit },
    x: { name: 'x', type: 'space', ...unit },
  }
  const axes = zarrAxes(info)
  const sizes = { y: pixelSize?.y ?? 1, x: pixelSize?.x ?? 1 }
  const along = (of: (size: number) => number, otherwise: number): number[] =>
    axes.map((axis) => (axis === 'y' || axis === 'x' ? of(sizes[axis]) : otherwise))
  return {
    version: VERSION,
    name,
    axes: axes.map((axis) => described[axis]),
    datasets: levels.map((_, level) => {
      const step = 2 ** level
      // A pixel of a reduced level lies in the middle of those that it stands for.
      const shift = { type: 'translation', translation: along((size) => (size * (step - 1)) / 2, 0) }
      const scale = { type: 'scale', scale: along((size) => size * step, 1) }
      return { path: String(level), coordinateTransformations: level === 0 ? [scale] : [scale, shift] }
    }),
  }
}

const colours = { 1: ['FFFFFF'], 3: ['FF0000', '00FF00', '0000FF'] } as Partial<Record<number, string[]>>
/** Told apart by colour-blind people two by two, as the application shows channels. */
const manyColours = ['FF00FF', '00FF00', '00FFFF', 'FFFF00', 'FF0000', '0000FF']

/** How the channels are shown: `omero`, section 3.5 of the specification. */
function omero(name: string, info: ImageInfo, smallest: Raster): unknown {
  const { channels, sampleType, channelLooks } = info
  const palette = colours[channels] ?? manyColours
  return {
    version: VERSION,
    name,
    channels: Array.from({ length: channels }, (_, channel) => {
      const look = channelLooks?.[channel]
      return {
        label: look?.name ?? `channel ${channel + 1}`,
        color: look?.colour?.slice(1).toUpperCase() ?? palette[channel % palette.length],
        active: true,
        window: windowOf(smallest, channel, sampleType),
      }
    }),
    rdefs: { model: channels === 1 ? 'greyscale' : 'color', defaultT: 0, defaultZ: 0 },
  }
}

/** One pixel in a thousand may be darker than black, and one brighter than white, as in the application. */
function windowOf(
  { samples, channels }: Raster,
  channel: number,
  sampleType: ImageInfo['sampleType'],
): unknown {
  const plane = samples.length / channels
  const values = Float64Array.from(samples.subarray(channel * plane, (channel + 1) * plane))
    .filter(Number.isFinite)
    .sort()
  const at = (share: number): number => values[Math.round(share * (values.length - 1))] ?? 0
  const [start, end] = [at(0.001), at(0.999)]
  const bits = Number(/\d+/.exec(sampleType)?.[0])
  const range = sampleType.startsWith('uint')
    ? { min: 0, max: 2 ** bits - 1 }
    : sampleType.startsWith('int')
      ? { min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 }
      : { min: at(0), max: at(1) }
  return { ...range, start, end: end > start ? end : start + 1 }
}

/** Colours and names of the classes; the background and what nobody labelled are transparent. */
function imageLabel(classes: readonly WrittenClass[]): unknown {
  const colors = classes.map(({ value, colour }) => ({
    'label-value': value,
    rgba: [...colourChannels(colour), value === 0 ? 0 : 255],
  }))
  return {
    version: VERSION,
    colors: [...colors, { 'label-value': UNLABELLED, rgba: [64, 64, 64, 0] }],
    properties: [...classes, { value: UNLABELLED, name: 'not labelled' }].map(({ value, name }) => ({
      'label-value': value,
      class: name,
    })),
    source: { image: '../../' },
  }
}

/** The class of the top left pixel of the four that one stands for: classes have no mean. */
function halveClasses({ samples, width, height }: Raster): Raster {
  const half = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) }
  const values = Uint8Array.from(
    { length: half.width * half.height },
    (_, at) => samples[2 * Math.floor(at / half.width) * width + 2 * (at % half.width)] as number,
  )
  return { samples: values, channels: 1, ...half }
}
