import { mkdir, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { CancelledError } from '../../model/errors.ts'
import { drawSamples } from '../demo/draw-samples.ts'
import { ImageWorkers } from '../compute/image-workers.ts'
import type { SampleProject } from '../demo/write-sample-project.ts'
import { readLabelTiles } from '../imaging/read-label-tiles.ts'
import { addImages } from './add-images.ts'
import { explainFolderError } from './folder-error.ts'
import { LabelStore } from './label-store.ts'
import type { Progress } from './progress.ts'
import { ProjectClasses } from './project-classes.ts'
import type { Door } from './project-lease.ts'
import { createProject } from './project.ts'
import { replaceLabels } from './replace-labels.ts'

const projectName = 'Segscope sample'
/** The demo's images: what its report shows can be found here. */
const seed = 1
/**
 * The images that are labelled from the start, one of each field: when colonies are large and still apart. As three, they are
 * just enough for one to be held out, so that the first training says how good it is.
 */
const LABELLED_HOUR = 6

/**
 * Makes a project of sample images, with their classes, in a new folder. Where it fails or is cancelled, nothing of it is left.
 * @param parent is made where it is not there
 * @returns the project's folder, after yielding progress
 * @throws SegscopeError as `explainFolderError` and `createProject`; CancelledError
 */
export async function* makeSampleProject(
  parent: string,
  door: Door,
  signal?: AbortSignal,
): AsyncGenerator<Progress, string> {
  const folder = await makeFreeFolder(parent)
  let finished = false
  try {
    const samples = yield* drawSamples({ folder, seed }, signal)
    await fillProject(folder, door, samples)
    finished = true
    return folder
  } catch (thrown) {
    throw signal?.aborted ? new CancelledError() : thrown
  } finally {
    if (!finished) await rm(folder, { recursive: true, force: true })
  }
}

/** `Segscope sample`, or the first of `Segscope sample 2`, `3`, ... that is not there. */
async function makeFreeFolder(parent: string): Promise<string> {
  try {
    await mkdir(parent, { recursive: true })
    for (let number = 1; ; number++) {
      const folder = join(parent, number === 1 ? projectName : `${projectName} ${number}`)
      const made = await mkdir(folder).then(
        () => true,
        (error: unknown) => {
          if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
          throw error
        },
      )
      if (made) return folder
    }
  } catch (thrown) {
    throw explainFolderError(thrown, parent)
  }
}

async function fillProject(folder: string, door: Door, samples: SampleProject): Promise<void> {
  const project = await createProject(folder, { door, name: basename(folder) })
  const workers = new ImageWorkers()
  try {
    const classes = new ProjectClasses(project)
    const [background, ...others] = samples.classNames as [string, ...string[]]
    classes.change(0, { name: background })
    for (const name of others) classes.add(name)
    const adding = addImages(project, workers, { paths: [samples.imagesFolder], subfolders: false })
    while ((await adding.next()).done !== true);
    const labels = new LabelStore(project)
    const labelled = samples.frames.filter(({ role, hour }) => role === 'labelled' && hour === LABELLED_HOUR)
    for (const { name } of labelled) {
      const image = project.images.findByPath(join(samples.imagesFolder, `${name}.tif`))
      if (image === undefined) throw new Error(`${name} was not added.`)
      const tiles = await readLabelTiles(
        { path: join(samples.labelsFolder, `${name}.tif`), image, names: [] },
        0,
        {
          labelValues: 'classes',
          mapping: new Map(),
          classes: classes.list().map(({ value }) => value),
        },
      )
      replaceLabels(labels, { image: image.id, page: 0 }, tiles)
    }
  } finally {
    await workers.close()
    project.close()
  }
}
