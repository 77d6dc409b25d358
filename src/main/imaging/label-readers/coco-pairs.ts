import { SegscopeError } from '../../../model/errors.ts'
import { fileOf } from '../../../preload/contract/image-address.ts'
import { cocoImagesOf, isCoco, parseCoco } from './coco-labels.ts'
import { readJson } from './read-label-file.ts'

/**
 * Which images the COCO files among label files have labels of: a COCO file names its images itself. Of several files that
 * name one image, the first one has it. Files that are no COCO have none, whatever is wrong with them.
 * @param images paths or addresses
 * @returns label files by image
 */
export async function cocoPairs(
  files: readonly string[],
  images: readonly string[],
): Promise<Map<string, string>> {
  const pairs = new Map<string, string>()
  for (const file of files.filter((each) => each.toLowerCase().endsWith('.json'))) {
    const coco = await cocoIn(file)
    if (coco === undefined) continue
    for (const image of images) {
      if (!pairs.has(image) && cocoImagesOf(coco, fileOf(image)).length > 0) pairs.set(image, file)
    }
  }
  return pairs
}

async function cocoIn(file: string): Promise<ReturnType<typeof parseCoco> | undefined> {
  try {
    const json = await readJson(file)
    return isCoco(json) ? parseCoco(json, file) : undefined
  } catch (thrown) {
    // Named like an image, it is told of when it is read; otherwise it is none of the labels.
    if (thrown instanceof SegscopeError) return undefined
    throw thrown
  }
}
