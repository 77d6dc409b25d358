import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import sharp from 'sharp'
import { CancelledError, SegscopeError } from '../../model/errors.ts'
import { writeFileAtomically } from '../../model/files/atomic-write.ts'
import type { ImageSource } from '../../model/images/image-source.ts'
import type { LabelExportFormat } from '../../preload/contract/label-formats.ts'
import type { Problem } from '../../preload/contract/base.ts'
import type { ImageRecord } from '../database/repositories/images.ts'
import { CocoFile } from '../imaging/label-writers/coco.ts'
import {
  placeOfPage,
  type WrittenClass,
  type WrittenLabels,
} from '../imaging/label-writers/written-labels.ts'
import { openImage } from '../imaging/open-image.ts'
import { TiffWriter } from '../imaging/tiff-writer.ts'
import { toProblem } from '../to-problem.ts'
import { explainFolderError } from './folder-error.ts'
import { knowImages } from './know-images.ts'
import { COCO_FILE, fileFormats, withPage } from './label-formats.ts'
import { labelExportNames } from './label-export-names.ts'
import { PaintedLabelSource } from './painted-label-source.ts'
import { planeLabelRows, readPlaneLabels } from './plane-labels.ts'
import { type Progress, progressOf } from './progress.ts'
import type { Project } from './project.ts'

export interface LabelExportRequest {
  folder: string
  format: LabelExportFormat
  /** Undefined: all labelled images. Of those asked for, only labelled ones are written. */
  ids?: readonly number[] | undefined
  /** Whether files that are there are replaced. */
  replace: boolean
}

export interface ExportedLabels {
  kind: 'done'
  written: number
  /** Files that were there and are not to be replaced. */
  kept: number
  failed: { file: string; problem: Problem }[]
}

/**
 * Writes labels into a folder: as label maps, of which TIFF has the image's pages and pixel size and PNG a file for each
 * labelled page, or as one of `label-formats.ts`. Each is written under a temporary name first. A file that is an image
 * of the project is never replaced.
 * @throws SegscopeError `not-a-folder`, `folder-not-writable`, `disk-full`; CancelledError, where what is written stays
 */
export async function* exportLabels(
  project: Project,
  { folder, format, ids, replace }: LabelExportRequest,
  signal?: AbortSignal,
): AsyncGenerator<Progress | ExportedLabels> {
  const wanted = ids && new Set(ids)
  const labelled = project.labels.labelledPixels()
  const images = project.images.all().filter(({ id }) => labelled.has(id) && (wanted?.has(id) ?? true))
  const names = labelExportNames(
    images.map(({ path }) => path),
    extensionOf(format),
  )
  const isImage = await knowImages(project.images.all().map(({ path }) => path))
  const done: ExportedLabels = { kind: 'done', written: 0, kept: 0, failed: [] }
  if (format === 'coco') {
    yield* exportCoco(project, images, { path: join(resolve(folder), COCO_FILE), replace }, done, signal)
    return
  }
  for (const [index, image] of images.entries()) {
    if (signal?.aborted) throw new CancelledError()
    for (const file of filesOf(project, image, join(resolve(folder), names[index] as string), format)) {
      try {
        if (existsSync(file.path) && !replace) done.kept++
        else {
          if (await isImage(file.path)) throw wouldReplaceImage(file.path)
          await makeFolder(dirname(file.path))
          await file.write()
          done.written++
        }
      } catch (thrown) {
        if (thrown instanceof SegscopeError && fatalCodes.includes(thrown.code)) throw thrown
        done.failed.push({ file: file.path, problem: toProblem(thrown) })
      }
    }
    yield progressOf(index + 1, images.length, 'images')
  }
  yield done
}

/** What every further file would meet too. */
const fatalCodes = ['disk-full', 'folder-not-writable', 'not-a-folder', 'project-closed']

interface LabelFile {
  path: string
  write: () => Promise<void>
}

function extensionOf(format: LabelExportFormat): string {
  if (format === 'tiff') return '.tif'
  return format === 'grey-png' || format === 'coco' ? '.png' : fileFormats[format].extension
}

function filesOf(
  project: Project,
  image: ImageRecord,
  path: string,
  format: Exclude<LabelExportFormat, 'coco'>,
): LabelFile[] {
  if (format === 'tiff')
    return [
      {
        path,
        write: () => withLabels(project, image, (written) => writeTiff(project, image, path, written)),
      },
    ]
  const extension = extensionOf(format)
  const stacks = format !== 'grey-png' && fileFormats[format].stacks
  const writePage = async (file: string, page: number): Promise<void> =>
    format === 'grey-png'
      ? writePng(project, image, page, file)
      : withLabels(project, image, (written) => fileFormats[format].write(file, written, page))
  if (stacks) return [{ path, write: () => writePage(path, 0) }]
  const pages = Array.from({ length: image.pages }, (_, page) => page).filter((page) => {
    const map = project.labels.find(image.id, page)
    return map !== undefined && project.labels.counts(map.id).length > 0
  })
  return pages.map((page) => {
    const pagePath = image.pages === 1 ? path : withPage(path, extension, page)
    return { path: pagePath, write: () => writePage(pagePath, page) }
  })
}

/** The labels of all images in one file. */
async function* exportCoco(
  project: Project,
  images: readonly ImageRecord[],
  { path, replace }: { path: string; replace: boolean },
  done: ExportedLabels,
  signal: AbortSignal | undefined,
): AsyncGenerator<Progress | ExportedLabels> {
  if (existsSync(path) && !replace) {
    yield { ...done, kept: 1 }
    return
  }
  const names = labelExportNames(
    images.map((image) => image.path),
    '',
  )
  await makeFolder(dirname(path))
  const coco = await CocoFile.create(path, classesOf(project))
  try {
    for (const [index, image] of images.entries()) {
      if (signal?.aborted) throw new CancelledError()
      const imageName = join(dirname(names[index] as string), basename(image.path)).replaceAll('\\', '/')
      await withLabels(project, image, (written) => coco.add({ ...written, imageName }))
      yield progressOf(index + 1, images.length, 'images')
    }
    await coco.finish()
  } finally {
    await coco.abort()
  }
  yield { ...done, written: 1 }
}

/** Labels can be exported without their image: they have no pixel size then, and their pages no z. */
async function withLabels(
  project: Project,
  image: ImageRecord,
  write: (written: WrittenLabels) => Promise<void>,
): Promise<void> {
  const source = await openIfReadable(image)
  try {
    const zPlanes = source?.info.pages === image.pages ? source.info.zPlanes : undefined
    await write({
      labels: new PaintedLabelSource(project, image, zPlanes),
      image: source,
      imageName: basename(image.path),
      pixelSize: source?.info.pixelSize,
      classes: classesOf(project),
    })
  } finally {
    await source?.close()
  }
}

async function openIfReadable({ path }: ImageRecord): Promise<ImageSource | undefined> {
  try {
    return await openImage(path)
  } catch (thrown) {
    if (thrown instanceof SegscopeError) return undefined
    throw thrown
  }
}

function classesOf(project: Project): WrittenClass[] {
  return project.information.classes().map(({ value, name, colour }) => ({ value, name, colour }))
}

async function writeTiff(
  project: Project,
  image: ImageRecord,
  path: string,
  { labels, image: source, pixelSize, classes }: WrittenLabels,
): Promise<void> {
  const { width, height, pages } = labels.info
  const { zPlanes, times } = placeOfPage(labels.info, 0)
  const writer = await TiffWriter.create(path, {
    width,
    height,
    sampleType: 'uint8',
    channels: 1,
    slices: zPlanes,
    frames: times,
    pixelSize,
    pageSpacing: source?.info.pageSpacing,
    displayRange: [0, 255],
    classes,
  })
  try {
    for (let page = 0; page < pages; page++) {
      for (const rows of planeLabelRows(project, { image: image.id, page })) {
        await writer.writeRows(rows, page)
      }
    }
    await writer.finish()
  } finally {
    await writer.abort()
  }
}

async function writePng(project: Project, image: ImageRecord, page: number, path: string): Promise<void> {
  const { width, height, values } = readPlaneLabels(project, { image: image.id, page })
  const png = await sharp(values, { raw: { width, height, channels: 1 }, limitInputPixels: false })
    .toColourspace('b-w')
    .png()
    .toBuffer()
  await writeFileAtomically(path, [png])
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (thrown) {
    throw explainFolderError(thrown, folder)
  }
}

function wouldReplaceImage(file: string): SegscopeError {
  return new SegscopeError('export-over-image', 'An image of the project has this name.', {
    file,
    remedy: 'Export into a folder of its own.',
  })
}
