import { relative } from 'node:path'
import { imageStems } from './image-stem.ts'

/** Where the results of one image go; `file` and the outputs are relative to their folders, with `/` between folders. */
export interface SegmentationJob {
  /** Absolute. */
  image: string
  file: string
  /** The label map, relative to the output folder. */
  labels: string
  /** What its files in formats of OME are named after, which have `.ome` in their extension: without that of the image's own. */
  omeName: string
  /** Undefined where nobody asked for probabilities. */
  probabilities: string | undefined
  /** The name says more than the image's does, to keep two results apart. */
  renamed: boolean
}

/**
 * Names the results: `NAME.ext` becomes `NAME.tif` and `NAME_probabilities.tif`, sub-folders kept. Where two
 * results would have one name (`a.png` and `a.tif`), the extension joins the name: `a_png.tif`, `a_tif.tif`. Names that
 * differ only in case count as one, as they do on Windows and macOS.
 * @param images absolute, all inside `imagesFolder`
 */
export function nameOutputs(
  images: readonly string[],
  imagesFolder: string,
  probabilities: boolean,
): SegmentationJob[] {
  const files = images.map((image) => relative(imagesFolder, image).replaceAll('\\', '/'))
  const stems = files.map((file) => imageStems(file).plain)
  const uses = new Map<string, number>()
  for (const stem of stems) uses.set(stem.toLowerCase(), (uses.get(stem.toLowerCase()) ?? 0) + 1)
  const taken = new Set<string>()
  const jobs = images.map((image, index) => {
    const file = files[index] as string
    const stem = stems[index] as string
    const withExtension = imageStems(file).full
    let name = (uses.get(stem.toLowerCase()) as number) > 1 ? withExtension : stem
    const outputs = (): string[] =>
      probabilities ? [`${name}.tif`, `${name}_probabilities.tif`] : [`${name}.tif`]
    const isTaken = (): boolean => outputs().some((output) => taken.has(output.toLowerCase()))
    for (let number = 1; isTaken(); number++)
      name = number === 1 ? withExtension : `${withExtension}_${number}`
    for (const output of outputs()) taken.add(output.toLowerCase())
    const [labels, second] = outputs() as [string, string | undefined]
    return { image, file, labels, name, probabilities: second, renamed: name !== stem }
  })
  return jobs.map(({ name, ...job }) => {
    const short = name.replace(/\.ome$/i, '')
    return { ...job, omeName: taken.has(`${short}.tif`.toLowerCase()) ? name : short }
  })
}
