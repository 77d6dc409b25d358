import { stat } from 'node:fs/promises'
import type { ImageSource } from '../../../model/images/image-source.ts'
import { hasImageName } from '../list-images.ts'
import { openImage } from '../open-image.ts'
import { openCellposeSeg } from './cellpose-seg.ts'
import { isCoco, openCoco, parseCoco } from './coco-labels.ts'
import { geoJsonClasses, isGeoJson, openGeoJson } from './geojson-labels.ts'
import { openImageJRois } from './imagej-rois.ts'
import type { LabelledImage, ShapeValue } from './label-canvas.ts'
import { unsupportedLabels } from './label-file-errors.ts'
import { openMaskFolder } from './mask-folder.ts'
import { ilastikClasses, isIlastikProject, openIlastikProject } from './ilastik-project.ts'
import { isJsonFile, readJson } from './read-label-file.ts'

/** Extensions of label files that are no images. */
export const shapeExtensions = [
  '.geojson',
  '.geojson.gz',
  '.json',
  '.json.gz',
  '.roi',
  '.zip',
  '_seg.npy',
  '.ilp',
] as const

/** Whether labels are one of the kinds that are no image: shapes, Cellpose's results, or a folder of masks. */
export async function isShapeFile(path: string): Promise<boolean> {
  return (
    hasShapeName(path) ||
    (!hasImageName(path) && (await stat(path).catch(() => undefined))?.isDirectory() === true)
  )
}

export function hasShapeName(path: string): boolean {
  // A zipped image.
  if (path.toLowerCase().endsWith('.zarr.zip')) return false
  return shapeExtensions.some((extension) => path.toLowerCase().endsWith(extension))
}

/**
 * Opens labels of any kind as an image of stored values.
 * @param image that they belong to
 * @param names classes that shapes are given values by, from 1; see `namesInLabels`
 * @throws SegscopeError as `openImage` and the readers in this folder
 */
export async function openLabels(
  path: string,
  image: LabelledImage,
  names: readonly string[],
): Promise<ImageSource> {
  return await open(path, image, names, (className) => (className === '' ? 1 : names.indexOf(className) + 1))
}

/**
 * Opens labels that know each object as an image of their numbers, 0 for none: shapes, Cellpose's results, a folder of masks.
 * undefined for strokes, and for label maps, whose values tell nothing of what they are.
 * @param image that they belong to
 * @throws SegscopeError as `openLabels`
 */
export async function openNumberedObjects(
  path: string,
  image: LabelledImage,
): Promise<ImageSource | undefined> {
  if (isIlastikProject(path) || !(await isShapeFile(path))) return undefined
  return await open(path, image, [], (_, number) => number)
}

/** @param valueOf what shapes become; the other kinds have values of their own */
async function open(
  path: string,
  image: LabelledImage,
  names: readonly string[],
  valueOf: ShapeValue,
): Promise<ImageSource> {
  const lower = path.toLowerCase()
  if (await isJsonFile(path)) {
    const json = await readJson(path)
    if (isGeoJson(json)) return openGeoJson(json, path, image, valueOf)
    if (isCoco(json)) return openCoco(parseCoco(json, path), path, image, valueOf)
    throw unknownJson(path)
  }
  if (lower.endsWith('.roi') || (lower.endsWith('.zip') && hasShapeName(path)))
    return openImageJRois(path, image, valueOf)
  if (lower.endsWith('_seg.npy')) return openCellposeSeg(path)
  if (isIlastikProject(path)) return openIlastikProject(path, image, names)
  if (await isShapeFile(path)) return openMaskFolder(path)
  return openImage(path)
}

/**
 * The names of classes in files of shapes; none in others.
 * @throws SegscopeError as `openLabels`
 */
export async function namesInLabels(path: string): Promise<string[]> {
  if (isIlastikProject(path)) return ilastikClasses(path)
  if (!(await isJsonFile(path))) return []
  const json = await readJson(path)
  if (isGeoJson(json)) return geoJsonClasses(json, path)
  if (isCoco(json)) return parseCoco(json, path).categories.map(({ name }) => name)
  throw unknownJson(path)
}

function unknownJson(path: string): Error {
  return unsupportedLabels(
    path,
    'it is neither GeoJSON nor COCO',
    'Export annotations as GeoJSON (QuPath) or as COCO, or as label maps.',
  )
}
