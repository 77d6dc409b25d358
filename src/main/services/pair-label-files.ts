import { basename, dirname, extname, relative, sep } from 'node:path'
import { fileOf } from '../../preload/contract/image-address.ts'
import { SegscopeError } from '../../model/errors.ts'
import { commonSuffixes, labelExtension } from '../imaging/pair-labels.ts'

export interface ProjectImage {
  id: number
  /** Absolute. */
  path: string
}

export interface LabelPair<Image extends ProjectImage> {
  image: Image
  label: string
  /** Several files or images fit each other: nobody but the person can tell. */
  problem: SegscopeError | undefined
}

export interface LabelPairs<Image extends ProjectImage> {
  suffix: string
  /** In the images' order. */
  pairs: LabelPair<Image>[]
}

/**
 * Finds the label files of images that may lie in many folders. A label file belongs to the image of its name, and where
 * it lies in sub-folders of the labels' folder, the image lies in folders of the same names. Of several such images it
 * belongs to the one nearest to it: below the deepest folder that holds both.
 * @param suffix what follows the image's name in the label's; undefined: the one with which most are found
 * @throws SegscopeError `labels-not-found`
 */
export function pairLabelFiles<Image extends ProjectImage>(
  images: readonly Image[],
  labelFiles: readonly string[],
  labelsFolder: string,
  suffix?: string,
): LabelPairs<Image> {
  const suffixes = suffix === undefined ? ['', ...commonSuffixes] : [suffix]
  const byName = groupByNames(images)
  const found = suffixes.map((each) => ({
    suffix: each,
    pairs: pair(byName, labelFiles, labelsFolder, each),
  }))
  const best = found.reduce((one, other) => (other.pairs.length > one.pairs.length ? other : one))
  if (best.pairs.length === 0) {
    throw new SegscopeError(
      'labels-not-found',
      `No file in this folder has the name of an image of the project${suffix ? ` and "${suffix}"` : ''}.`,
      {
        file: labelsFolder,
        remedy: 'Label maps are named like their images; say what follows the name if something does.',
      },
    )
  }
  const order = new Map(images.map(({ id }, index) => [id, index]))
  const place = ({ image }: LabelPair<Image>) => order.get(image.id) as number
  return { suffix: best.suffix, pairs: best.pairs.sort((one, other) => place(one) - place(other)) }
}

/** By the name without its extension, and by the whole name: `a.tif` and `a.png` may lie in one folder. */
function groupByNames<Image extends ProjectImage>(images: readonly Image[]): Map<string, Image[]> {
  const groups = new Map<string, Image[]>()
  for (const image of images) {
    const path = fileOf(image.path)
    for (const name of new Set([
      basename(path),
      basename(path, extname(path)),
      basename(path, labelExtension(path)),
    ])) {
      const group = groups.get(name)
      if (group === undefined) groups.set(name, [image])
      else group.push(image)
    }
  }
  return groups
}

function pair<Image extends ProjectImage>(
  byName: ReadonlyMap<string, Image[]>,
  labelFiles: readonly string[],
  labelsFolder: string,
  suffix: string,
): LabelPair<Image>[] {
  const candidates = labelFiles.flatMap((label) => {
    const name = imageNameOf(label, suffix)
    if (name === undefined) return []
    const folders = foldersBetween(labelsFolder, fileOf(label))
    const fitting = (byName.get(name) ?? []).filter(
      ({ path }) => path !== label && endsWith(dirname(path).split(sep), folders),
    )
    const images = nearest(fitting, label)
    return images.map((image) => ({ image, label, depth: folders.length, images }))
  })
  return [...Map.groupBy(candidates, ({ image }) => image.id).values()].map((ofImage) => {
    const depth = Math.max(...ofImage.map((each) => each.depth))
    const deepest = ofImage.filter((each) => each.depth === depth)
    const { image, label, images } = deepest[0] as (typeof ofImage)[number]
    const problem =
      deepest.length > 1
        ? severalLabels(
            image.path,
            deepest.map((each) => each.label),
          )
        : images.length > 1
          ? severalImages(label, images)
          : undefined
    return { image, label, problem }
  })
}

function imageNameOf(label: string, suffix: string): string | undefined {
  // Of a folder of masks, what follows a dot is no extension.
  const file = fileOf(label)
  const name = file.endsWith(sep) ? basename(file) : basename(file, labelExtension(file))
  return name.endsWith(suffix) ? name.slice(0, name.length - suffix.length) : undefined
}

function foldersBetween(folder: string, file: string): string[] {
  const between = relative(folder, dirname(file))
  return between === '' ? [] : between.split(sep)
}

function endsWith(folders: readonly string[], last: readonly string[]): boolean {
  return last.every((folder, index) => folders[folders.length - last.length + index] === folder)
}

/** Those that share the deepest folder with a file. */
function nearest<Image extends ProjectImage>(images: readonly Image[], file: string): Image[] {
  if (images.length < 2) return [...images]
  const parts = file.split(sep)
  const shared = images.map(({ path }) => {
    const differs = path.split(sep).findIndex((part, index) => part !== parts[index])
    return differs === -1 ? parts.length : differs
  })
  const most = Math.max(...shared)
  return images.filter((_, index) => shared[index] === most)
}

function severalLabels(image: string, labels: readonly string[]): SegscopeError {
  return new SegscopeError(
    'label-ambiguous',
    `${basename(image)} has several label maps: ${labels.map((label) => basename(label)).join(', ')}.`,
    { file: image, remedy: 'Keep one of them in the folder.' },
  )
}

function severalImages(label: string, images: readonly ProjectImage[]): SegscopeError {
  return new SegscopeError(
    'label-image-ambiguous',
    `${basename(label)} may belong to several images: ${images.map(({ path }) => path).join(', ')}.`,
    { file: label, remedy: "Put it into a sub-folder that is called like the image's." },
  )
}
