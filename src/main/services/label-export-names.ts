import { basename, dirname, join, relative } from 'node:path'
import { splitAddress } from '../../preload/contract/image-address.ts'
import { commonFolder } from './common-folder.ts'
import { imageStems } from './image-stem.ts'

/**
 * Where the label maps of images go, relative to the folder that they are exported to: named as their images, in the
 * sub-folders that these have below the deepest folder that holds all of them. Images that differ in their extensions
 * only keep them within the name.
 * @param extension of the label maps, with its dot
 */
export function labelExportNames(images: readonly string[], extension: string): string[] {
  const top = commonFolder(images)
  const plain = images.map((image) =>
    join(relativeFolder(top, dirname(image)), withoutExtension(image, extension)),
  )
  const uses = Map.groupBy(plain, (name) => name.toLowerCase())
  return images.map((image, index) => {
    const name = plain[index] as string
    const isAlone = uses.get(name.toLowerCase())?.length === 1
    return `${isAlone ? name : join(dirname(name), wholeName(image))}${extension}`
  })
}

/** `a.ome.tif` and the extension `.ome.tif` make `a.ome.tif`. */
function withoutExtension(image: string, extension: string): string {
  const name = basename(imageStems(image).plain)
  return extension.startsWith('.ome') ? name.replace(/\.ome$/i, '') : name
}

function wholeName(image: string): string {
  const { path, selection } = splitAddress(image)
  return Object.keys(selection).length === 0 ? basename(path) : basename(imageStems(image).full)
}

/** Of another drive, the drive's letter becomes a folder. */
function relativeFolder(top: string, folder: string): string {
  return folder.startsWith(top) ? relative(top, folder) : folder.replace(':', '')
}
