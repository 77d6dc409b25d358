import { copyFile, stat } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { SegscopeError } from '../../model/errors.ts'
import { writeOnnxModel } from '../../model/export/onnx.ts'
import type { ModelCitation } from '../../model/export/bioimageio-description.ts'
import { readCheckpoint, writeCheckpoint } from '../../model/weights/checkpoint.ts'
import type { ImageRecord } from '../database/repositories/images.ts'
import { outputError } from '../imaging/write-errors.ts'
import { EXAMPLE_EXTENT } from './bioimageio/example-image.ts'
import { writeBioImageIOPackage } from './bioimageio/write-package.ts'
import { checkpointClasses } from './checkpoint-classes.ts'
import { findCheckpointFile } from './checkpoints.ts'
import type { Project } from './project.ts'

export type ExportFormat =
  | { kind: 'safetensors' }
  | { kind: 'onnx' }
  /** `showImage`: whether the middle of an image of the project becomes the package's example. */
  | ({ kind: 'bioimageio'; showImage: boolean } & ModelCitation)

/**
 * Writes a checkpoint for other machines (one file that explains itself, with the classes as the project calls and colours
 * them) or other programs (ONNX, BioImage.IO).
 * @throws SegscopeError `file-exists` where it may not be replaced; as `findCheckpointFile`, `readCheckpoint`,
 *   `writeCheckpoint` and `writeBioImageIOPackage`
 */
export async function exportCheckpoint(
  project: Project,
  id: string,
  { file, format, replace }: { file: string; format: ExportFormat; replace: boolean },
): Promise<void> {
  if (!replace && existsSync(file)) {
    throw new SegscopeError('file-exists', 'There is a file of this name already.', {
      file,
      remedy: 'Choose another name, or allow it to be replaced.',
    })
  }
  const source = findCheckpointFile(id, project)
  if (format.kind === 'onnx') {
    await writeOnnxModel(file, await readCheckpoint(source))
    return
  }
  if (format.kind === 'bioimageio') {
    const example = format.showImage ? exampleOf(project, id) : undefined
    await writeBioImageIOPackage(file, await readCheckpoint(source), { ...format, example })
    return
  }
  const { header, weights } = await readCheckpoint(source)
  const record = project.checkpoints.find(id)
  const classes = record && (await checkpointClasses(project, record))
  await writeCheckpoint(file, { ...header, ...(classes && { classes }) }, weights)
}

/** An image to show a checkpoint with: one that it was measured on, else one that it learnt from, else any that is large enough. */
function exampleOf(project: Project, id: string): string | undefined {
  const isFitting = (image: ImageRecord | undefined): boolean =>
    image !== undefined && !image.missing && Math.min(image.width, image.height) >= EXAMPLE_EXTENT
  const experiment = project.checkpoints.find(id)?.experiment
  const used = experiment === undefined ? [] : project.experiments.images(experiment)
  const seen = used
    .toSorted((one, other) => Number(one.split === 'training') - Number(other.split === 'training'))
    .find(({ image }) => isFitting(project.images.find(image)))
  return seen?.path ?? project.images.all().find(isFitting)?.path
}

/**
 * Takes a checkpoint of another project or machine into this one: its file is checked, and copied.
 * @returns its id: the file's name
 * @throws SegscopeError as `readCheckpoint`
 */
export async function importCheckpoint(project: Project, file: string): Promise<string> {
  const { header } = await readCheckpoint(file)
  const name = basename(file, extname(file))
  let id = name
  for (let number = 2; project.checkpoints.find(id) !== undefined; number++) id = `${name}-${number}`
  const copy = join(project.checkpointsFolder, `imported-${id}.safetensors`)
  try {
    await copyFile(file, copy)
  } catch (thrown) {
    throw outputError(copy, thrown)
  }
  const { size } = await stat(copy)
  project.checkpoints.saveImported(id, { file: copy, step: header.step, scores: header.scores, bytes: size })
  return id
}
