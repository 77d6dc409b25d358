import { existsSync } from 'node:fs'
import { mkdir, realpath } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import sharp from 'sharp'
import { CancelledError, SegscopeError } from '../../model/errors.ts'
import { writeFileAtomically } from '../../model/files/atomic-write.ts'
import type { PixelSize } from '../../model/images/image-source.ts'
import type { LabelExportFormat } from '../../preload/contract/label-formats.ts'
import type { Problem } from '../../preload/contract/base.ts'
import type { ImageRecord } from '../database/repositories/images.ts'
import { CocoFile } from '../imaging/label-writers/coco.ts'
import type { WrittenClass, WrittenLabels } from '../imaging/label-writers/written-labels.ts'
import { openImage } from '../imaging/open-image.ts'
import { TiffWriter } from '../imaging/tiff-writer.ts'
import { toProblem } from '../to-problem.ts'
import { explainFolderError } from './folder-error.ts'
import { fileFormats, withPage } from './label-formats.ts'
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
    yield* exportCoco(project, images, { path: join(resolve(folder), 'coco.json'), replace }, done, signal)
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
  if (format === 'tiff') return [{ path, write: () => writeTiff(project, image, path) }]
  const extension = extensionOf(format)
  const stacks = format !== 'grey-png' && fileFormats[format].stacks
  const writePage = async (file: string, page: number): Promise<void> =>
    format === 'grey-png'
      ? writePng(project, image, page, file)
      : fileFormats[format].write(file, await writtenLabels(project, image), page)
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
  const coco = new CocoFile()
  const names = labelExportNames(
    images.map((image) => image.path),
    '',
  )
  for (const [index, image] of images.entries()) {
    if (signal?.aborted) throw new CancelledError()
    const imageName = join(dirname(names[index] as string), basename(image.path)).replaceAll('\\', '/')
    await coco.add({ ...(await writtenLabels(project, image)), imageName })
    yield progressOf(index + 1, images.length, 'images')
  }
  await makeFolder(dirname(path))
  await coco.write(path)
  yield { ...done, written: 1 }
}

async function writtenLabels(project: Project, image: ImageRecord): Promise<WrittenLabels> {
  const { pixelSize, zPlanes } = await readImageFacts(image)
  return {
    labels: new PaintedLabelSource(project, image, zPlanes),
    imageName: basename(image.path),
    pixelSize,
    classes: classesOf(project),
  }
}

function classesOf(project: Project): WrittenClass[] {
  return project.information.classes().map(({ value, name, colour }) => ({ value, name, colour }))
}

async function writeTiff(project: Project, image: ImageRecord, path: string): Promise<void> {
  const { id, width, height, pages } = image
  const writer = await TiffWriter.create(path, {
    width,
    height,
    sampleType: 'uint8',
    channels: 1,
    frames: pages,
    pixelSize: (await readImageFacts(image)).pixelSize,
    displayRange: [0, 255],
    classes: classesOf(project),
  })
  try {
    for (let page = 0; page < pages; page++) {
      for (const rows of planeLabelRows(project, { image: id, page })) await writer.writeRows(rows, page)
    }
    await writer.finish()
  } finally {
    await writer.abort()
  }
}

/** Labels can be exported without their image: they have no pixel size then, and their pages are times. */
async function readImageFacts({
  path,
}: ImageRecord): Promise<{ pixelSize: PixelSize | undefined; zPlanes?: number | undefined }> {
  try {
    const source = await openImage(path)
    await source.close()
    return source.info
  } catch (thrown) {
    if (thrown instanceof SegscopeError) return { pixelSize: undefined }
    throw thrown
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

/** Tells whether a path is one of the images, also by another name of its folder or by a link. */
async function knowImages(paths: readonly string[]): Promise<(path: string) => Promise<boolean>> {
  const folders = new Map<string, string>()
  for (const folder of new Set(paths.map((path) => dirname(path))))
    folders.set(folder, await realPath(folder))
  const real = new Set(paths.map((path) => join(folders.get(dirname(path)) as string, basename(path))))
  return async (path) =>
    existsSync(path) &&
    (real.has(join(await realPath(dirname(path)), basename(path))) || real.has(await realPath(path)))
}

/** What is not there has no other name. */
async function realPath(path: string): Promise<string> {
  return await realpath(path).catch(() => path)
}

function wouldReplaceImage(file: string): SegscopeError {
  return new SegscopeError('export-over-image', 'An image of the project has this name.', {
    file,
    remedy: 'Export into a folder of its own.',
  })
}
