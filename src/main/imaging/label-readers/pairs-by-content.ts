import { SegscopeError } from '../../../model/errors.ts'
import { fileOf } from '../../../preload/contract/image-address.ts'
import { cocoImagesOf, isCoco, parseCoco } from './coco-labels.ts'
import { ilastikImages, isIlastikProject } from './ilastik-project.ts'
import { readJson } from './read-label-file.ts'

/**
 * Which images the label files that name their images themselves have labels of: COCO files and projects of ilastik. Of
 * several files that name one image, the first one has it. Other files have none, whatever is wrong with them.
 * @param images paths or addresses
 * @returns label files by image
 */
export async function pairsByContent(
  files: readonly string[],
  images: readonly string[],
): Promise<Map<string, string>> {
  const pairs = new Map<string, string>()
  for (const file of files) {
    for (const image of await namedIn(file, images)) if (!pairs.has(image)) pairs.set(image, file)
  }
  return pairs
}

async function namedIn(file: string, images: readonly string[]): Promise<string[]> {
  try {
    if (isIlastikProject(file)) return await ilastikImages(file, images)
    if (!/\.json(\.gz)?$/i.test(file)) return []
    const json = await readJson(file)
    if (!isCoco(json)) return []
    const coco = parseCoco(json, file)
    return images.filter((image) => cocoImagesOf(coco, fileOf(image)).length > 0)
  } catch (thrown) {
    // Named like an image, it is told of when it is read; otherwise it is none of the labels.
    if (thrown instanceof SegscopeError) return []
    throw thrown
  }
}
