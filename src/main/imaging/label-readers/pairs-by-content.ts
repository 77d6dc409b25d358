import { CancelledError, SegscopeError } from '../../../model/errors.ts'
import { fileOf } from '../../../preload/contract/image-address.ts'
import { cocoImagesOf, isCoco, parseCoco } from './coco-labels.ts'
import { ilastikImages, isIlastikProject } from './ilastik-project.ts'
import { readJson } from './read-label-file.ts'

const jsonName = /\.json(\.gz)?$/i

/** Those of some images that a label file names. */
export type FindNamedImages = (file: string, images: readonly string[]) => Promise<string[]>

/**
 * Which images the label files that name their images themselves have labels of: COCO files and projects of ilastik. Of
 * several files that name one image, the first one has it. Other files have none, whatever is wrong with them.
 * @param images paths or addresses
 * @param find another way to `namedImages`, such as a thread that can be stopped
 * @returns label files by image
 */
export async function pairsByContent(
  files: readonly string[],
  images: readonly string[],
  find: FindNamedImages = namedImages,
): Promise<Map<string, string>> {
  const pairs = new Map<string, string>()
  for (const file of files.filter((each) => isIlastikProject(each) || jsonName.test(each))) {
    for (const image of await passingOver(find(file, images))) if (!pairs.has(image)) pairs.set(image, file)
  }
  return pairs
}

/** Which of some images a COCO file or a project of ilastik names. @throws SegscopeError as their readers */
export async function namedImages(file: string, images: readonly string[]): Promise<string[]> {
  if (isIlastikProject(file)) return await ilastikImages(file, images)
  const json = await readJson(file)
  if (!isCoco(json)) return []
  const coco = parseCoco(json, file)
  return images.filter((image) => cocoImagesOf(coco, fileOf(image)).length > 0)
}

/** Named like an image, it is told of when it is read; otherwise it is none of the labels. */
async function passingOver(found: Promise<string[]>): Promise<string[]> {
  return await found.catch((thrown: unknown) => {
    if (thrown instanceof SegscopeError && !(thrown instanceof CancelledError)) return []
    throw thrown
  })
}
