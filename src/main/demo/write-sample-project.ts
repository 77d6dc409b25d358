import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CancelledError } from '../../model/errors.ts'
import { RandomGenerator } from '../../model/random.ts'
import { TiffWriter } from '../imaging/tiff-writer.ts'
import { SAMPLE_PIXEL_SIZE, sampleFrames, type SampleFrame } from './sample-images.ts'
import { SAMPLE_CLASSES } from './scene.ts'
import { sparseLabels } from './sparse-labels.ts'

/** Values shown as black and white: of the camera's 4,096 those that agar and colonies have, as a person at it would set them. */
const DISPLAY_RANGE = [200, 2400] as const

export interface SampleProject {
  imagesFolder: string
  /** Strokes of the labelled frames, under their images' names: classes, 255 where nobody painted. */
  labelsFolder: string
  /** Every pixel's class in the frames of held-out fields, under their images' names. For evaluation only. */
  truthFolder: string
  classNames: readonly string[]
  /** In the order of their names. */
  frames: Pick<SampleFrame, 'name' | 'field' | 'hour' | 'role'>[]
}

export interface SampleOptions {
  seed: number
  /** Height and width of the pictures; SAMPLE_SIZE where undefined. */
  size?: number | undefined
  /** Called after each frame with how many there are. */
  onFrame?: (written: number) => void
  signal?: AbortSignal
}

/**
 * Writes a data set to learn with: 16-bit pictures of every frame, strokes for some, truth for fields that
 * training never sees. The same seed writes the same pixels. Files that are there are kept as they are: somebody may
 * have painted on.
 *
 * @throws SegscopeError where a file cannot be written; CancelledError where `signal` fires
 */
export async function writeSampleProject(
  folder: string,
  { seed, size, onFrame, signal }: SampleOptions,
): Promise<SampleProject> {
  const project: SampleProject = {
    imagesFolder: join(folder, 'images'),
    labelsFolder: join(folder, 'labels'),
    truthFolder: join(folder, 'truth'),
    classNames: SAMPLE_CLASSES,
    frames: [],
  }
  for (const each of [project.imagesFolder, project.labelsFolder, project.truthFolder]) {
    await mkdir(each, { recursive: true })
  }
  const strokes = new RandomGenerator(seed + 1)
  for (const { picture, truth, ...frame } of sampleFrames(seed, size)) {
    if (signal?.aborted) throw new CancelledError()
    const fileName = `${frame.name}.tif`
    await writePlane(join(project.imagesFolder, fileName), picture, truth, DISPLAY_RANGE)
    if (frame.role === 'labelled') {
      const { values } = sparseLabels(truth, strokes)
      await writePlane(join(project.labelsFolder, fileName), values, truth, [0, 255])
    }
    if (frame.role === 'held out') {
      await writePlane(join(project.truthFolder, fileName), truth.values, truth, [
        0,
        SAMPLE_CLASSES.length - 1,
      ])
    }
    project.frames.push(frame)
    onFrame?.(project.frames.length)
  }
  return project
}

async function writePlane(
  path: string,
  samples: Uint8Array | Uint16Array,
  { width, height }: { width: number; height: number },
  displayRange: readonly [number, number],
): Promise<void> {
  if (existsSync(path)) return
  const writer = await TiffWriter.create(path, {
    width,
    height,
    sampleType: samples instanceof Uint8Array ? 'uint8' : 'uint16',
    channels: 1,
    frames: 1,
    pixelSize: { x: SAMPLE_PIXEL_SIZE, y: SAMPLE_PIXEL_SIZE, unit: 'µm' },
    displayRange,
  })
  try {
    await writer.writeRows(samples)
    await writer.finish()
  } finally {
    await writer.abort()
  }
}
