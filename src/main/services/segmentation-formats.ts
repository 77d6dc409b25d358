import { basename, join } from 'node:path'
import type { ImageSource } from '../../model/images/image-source.ts'
import type { Splitting } from '../../model/prediction/object-rows.ts'
import { type LabelFormat, objectFormats } from '../../preload/contract/label-formats.ts'
import { CocoFile } from '../imaging/label-writers/coco.ts'
import type { WrittenClass, WrittenLabels } from '../imaging/label-writers/written-labels.ts'
import { openImage } from '../imaging/open-image.ts'
import type { DerivedFile } from './derived-files.ts'
import { COCO_FILE, fileFormats, withPage } from './label-formats.ts'
import type { FileState } from './segmentation-ledger.ts'
import type { SegmentationJob } from './segmentation-outputs.ts'

/** How results are written for other programs. */
export interface FormatWishes {
  formats: readonly LabelFormat[]
  /** Of the network, by value. */
  classes: readonly WrittenClass[]
  /** Of the objects, where a format holds objects. */
  splitting: Splitting
}

/**
 * The files of one image's result, each format in a folder of its own: `geojson/NAME.geojson`. The sources stay open for them.
 * @param from the state of the label map
 */
export function filesOfFormats(
  wishes: FormatWishes,
  job: SegmentationJob,
  { image, mask, from }: { image: ImageSource; mask: ImageSource; from: FileState },
): DerivedFile[] {
  const written: WrittenLabels = {
    labels: mask,
    image,
    imageName: basename(job.file),
    pixelSize: image.info.pixelSize,
    classes: wishes.classes,
    splitting: wishes.splitting,
  }
  return wishes.formats.flatMap((format) => {
    if (format === 'coco') return []
    const { extension, stacks, write } = fileFormats[format]
    const stem = extension.startsWith('.ome') ? job.omeName : job.labels.replace(/\.tif$/, '')
    const name = `${format}/${stem}${extension}`
    const pages = stacks ? 1 : mask.info.pages
    return Array.from({ length: pages }, (_, page) => ({
      output: pages === 1 ? name : withPage(name, extension, page),
      from,
      recipe: recipeOf(wishes, format),
      write: (path: string) => write(path, written, page),
    }))
  })
}

/** The objects of all images in one file. */
export function cocoOfResults(
  wishes: FormatWishes,
  jobs: readonly SegmentationJob[],
  outFolder: string,
  news: { onImage: () => void; onFailed: (file: string, error: unknown) => void; signal: AbortSignal },
): DerivedFile {
  const write = async (path: string): Promise<void> => {
    const coco = await CocoFile.create(path, wishes.classes)
    try {
      for (const job of jobs) {
        news.signal.throwIfAborted()
        try {
          const mask = await openImage(join(outFolder, job.labels))
          try {
            const { classes, splitting } = wishes
            await coco.add({ labels: mask, imageName: job.file, pixelSize: undefined, classes, splitting })
          } finally {
            await mask.close()
          }
        } catch (error) {
          news.onFailed(job.file, error)
        }
        news.onImage()
      }
      await coco.finish()
    } finally {
      await coco.abort()
    }
  }
  return { output: COCO_FILE, from: undefined, recipe: recipeOf(wishes, 'coco'), write }
}

function recipeOf({ classes, splitting }: FormatWishes, format: LabelFormat): string {
  const split = objectFormats.includes(format) ? { splitting: [...splitting] } : {}
  return JSON.stringify({ format, classes, ...split })
}
