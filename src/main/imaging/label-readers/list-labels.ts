import { readdir } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { folderFormat } from '../formats.ts'
import { labelImagesIn } from '../zarr/label-images.ts'
import { compareNaturally, hasImageName, listImages } from '../list-images.ts'
import { hasShapeName } from './open-labels.ts'

/**
 * What may be labels in a folder and its sub-folders, in natural order: images, files of shapes, and, with a separator at
 * their end, sub-folders that hold images only, which may be the masks of one image. For an OME-Zarr image that has label
 * images, these.
 * @throws SegscopeError `folder-unreadable`
 */
export async function listLabels(folder: string): Promise<string[]> {
  const labels: string[] = []
  for (const image of await listImages(folder)) {
    const within = folderFormat(image) === undefined ? [] : await labelImagesIn(image)
    labels.push(...(within.length > 0 ? within : [image]))
  }
  await collectShapes(folder, labels)
  return labels.sort(compareNaturally)
}

async function collectShapes(folder: string, labels: string[]): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    // An image may be a folder (Zarr).
    if (entry.name.startsWith('.') || hasImageName(entry.name)) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      if (await holdsImagesOnly(path)) labels.push(path + sep)
      await collectShapes(path, labels)
    } else if (hasShapeName(entry.name)) {
      labels.push(path)
    }
  }
}

async function holdsImagesOnly(folder: string): Promise<boolean> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !name.startsWith('.'))
  return entries.length > 0 && entries.every((entry) => entry.isFile() && hasImageName(entry.name))
}
