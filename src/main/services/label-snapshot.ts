import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { UNLABELLED } from '../../model/images/label-map.ts'
import { learntAddress } from '../../preload/contract/image-address.ts'
import type { Plane } from '../../preload/contract/labels.ts'
import { TiffWriter } from '../imaging/tiff-writer.ts'
import type { PaintedImage } from './painted-data.ts'
import { planeLabelRows } from './plane-labels.ts'
import type { Project } from './project.ts'

/** Painted labels as a training sees them: files that do not change while people paint on. */
export interface LabelSnapshot {
  images: PaintedImage[]
  /** Of the network's classes 0, 1, 2 ...: the values that the project's labels have for them. */
  classValues: number[]
  classNames: string[]
}

/**
 * Copies the labels of every image that has some, a page a file, into the project's folder `training-labels`, as
 * label maps whose values count the classes from 0 without gaps. A copy is named for the revision it was made of, so
 * that an experiment tells what it learnt from, and is made once.
 * @throws SegscopeError where a file cannot be written
 */
export async function snapshotLabels(project: Project, signal: AbortSignal): Promise<LabelSnapshot> {
  const classes = project.information.classes().toSorted((one, other) => one.value - other.value)
  const indexOf = new Uint8Array(256).fill(UNLABELLED)
  classes.forEach(({ value }, index) => (indexOf[value] = index))
  const classValues = classes.map(({ value }) => value)
  const folder = join(project.folder, 'training-labels')
  await mkdir(folder, { recursive: true })
  const order = createHash('sha256').update(classValues.join()).digest('hex').slice(0, 8)
  const images: LabelSnapshot['images'] = []
  for (const { image, page, revision } of project.labels.labelledMaps()) {
    signal.throwIfAborted()
    const record = project.images.find(image)
    if (record === undefined || record.missing || page >= record.pages) continue
    const plane = page === 0 ? `${image}` : `${image}-page-${page + 1}`
    const labelPath = join(folder, `${plane}-revision-${revision}-${order}.tif`)
    if (!existsSync(labelPath)) await writeLabels(project, { image, page }, labelPath, record, indexOf)
    images.push({ path: learntAddress(record.path, page), labelPath, wish: record.split })
  }
  return { images, classValues, classNames: classes.map(({ name }) => name) }
}

async function writeLabels(
  project: Project,
  plane: Plane,
  path: string,
  { width, height }: { width: number; height: number },
  indexOf: Uint8Array,
): Promise<void> {
  const writer = await TiffWriter.create(path, {
    width,
    height,
    sampleType: 'uint8',
    channels: 1,
    frames: 1,
    pixelSize: undefined,
    displayRange: [0, UNLABELLED],
  })
  try {
    for (const rows of planeLabelRows(project, plane)) {
      await writer.writeRows(rows.map((value) => indexOf[value] as number))
    }
    await writer.finish()
  } finally {
    await writer.abort()
  }
}
