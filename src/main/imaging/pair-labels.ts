import { extname, relative, resolve, sep } from 'node:path'
import { SegscopeError } from '../../model/errors.ts'
import { listLabels } from './label-readers/list-labels.ts'
import { pairsByContent } from './label-readers/pairs-by-content.ts'
import { fileOf } from '../../preload/contract/image-address.ts'

export interface LabelledImage {
  image: string
  label: string | undefined
}

/** What programs and people put between an image's name and its label map's extension. */
export const commonSuffixes: readonly string[] = [
  '_labels',
  '_label',
  '_masks',
  '_mask',
  '_binary',
  '_seg',
  '_Simple Segmentation',
  '_Object Predictions',
  '_Object Identities',
  '_Labels',
  '_rois',
  '_RoiSet',
]

/**
 * Finds the label map of every image: the file in the labels' folder of the same relative name, with any known
 * extension, or of that name and a suffix (`img001.tif`, `img001_labels.png`). Without a suffix given, the same name
 * comes first, then the one common suffix that fits. Images and labels may share a folder: label maps are then left
 * out of the images. COCO files and projects of ilastik name their images themselves.
 * @param images paths inside `imagesFolder`, as `listImages` gives them
 * @throws SegscopeError `labels-not-found`, `label-suffix-ambiguous`, `label-ambiguous` or `folder-unreadable`
 */
export async function pairImagesWithLabels(
  images: string[],
  imagesFolder: string,
  labelsFolder: string,
  labelSuffix?: string,
): Promise<LabelledImage[]> {
  const files = await listLabels(labelsFolder)
  const byContent = await pairsByContent(files, images)
  if (byContent.size > 0) return images.map((image) => ({ image, label: byContent.get(image) }))
  const labels = groupByName(files, labelsFolder)
  const isShared = resolve(imagesFolder) === resolve(labelsFolder)
  const names = images.map((image) => nameOf(image, imagesFolder))
  const suffix = labelSuffix ?? guessSuffix(names, labels, labelsFolder, new Set(isShared ? images : []))
  const known = new Set(names)
  const pairs: LabelledImage[] = []
  images.forEach((image, index) => {
    const name = names[index] as string
    const isLabel =
      isShared &&
      suffix !== '' &&
      name.endsWith(suffix) &&
      known.has(name.slice(0, name.length - suffix.length))
    const found = labels.get(name + suffix)?.filter((label) => label !== image)
    if (!isLabel) pairs.push({ image, label: onlyLabel(image, found) })
  })
  if (pairs.every(({ label }) => label === undefined)) throw noLabels(labelsFolder, suffix)
  return pairs
}

/**
 * The suffix with which labels are found: none, or the only common one.
 * @param images in the labels' folder, too
 */
function guessSuffix(
  names: string[],
  labels: Map<string, string[]>,
  labelsFolder: string,
  images: ReadonlySet<string>,
): string {
  const fits = (suffix: string) => names.some((name) => labels.has(name + suffix))
  // An image beside it is no label map.
  if (names.some((name) => labels.get(name)?.some((label) => !images.has(label)))) return ''
  const fitting = commonSuffixes.filter(fits)
  if (fitting.length > 1) {
    throw new SegscopeError(
      'label-suffix-ambiguous',
      `${labelsFolder} holds several label maps for an image, with the suffixes ${fitting.join(', ')}.`,
      { file: labelsFolder, remedy: `Choose one, for example with --label-suffix ${fitting[0] as string}.` },
    )
  }
  const [suffix] = fitting
  if (suffix === undefined) throw noLabels(labelsFolder, undefined)
  return suffix
}

function noLabels(labelsFolder: string, suffix: string | undefined): SegscopeError {
  const tried = suffix === undefined || suffix === '' ? '' : ` and the suffix ${suffix}`
  return new SegscopeError(
    'labels-not-found',
    `${labelsFolder} holds no label map with the name of an image${tried}.`,
    {
      file: labelsFolder,
      remedy: 'Name each label map like its image, or give what follows the name with --label-suffix.',
    },
  )
}

function onlyLabel(image: string, found: string[] = []): string | undefined {
  if (found.length > 1) {
    throw new SegscopeError('label-ambiguous', `${image} has several label maps: ${found.join(', ')}.`, {
      file: image,
      remedy: 'Keep one of them in the folder.',
    })
  }
  return found[0]
}

function groupByName(files: string[], folder: string): Map<string, string[]> {
  return Map.groupBy(files, (file) => nameOf(file, folder))
}

/** With what it is packed by. */
export function labelExtension(path: string): string {
  const [packed] = /\.(?:(?:geo)?json\.gz|zarr\.zip)$/i.exec(path) ?? []
  return packed ?? extname(path)
}

/** A file's path within a folder, without its extension. */
function nameOf(file: string, folder: string): string {
  const path = relative(folder, fileOf(file))
  // A folder of masks.
  if (file.endsWith(sep)) return path
  return path.slice(0, path.length - labelExtension(path).length)
}
