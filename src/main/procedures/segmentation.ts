import { join } from 'node:path'
import { SegscopeError } from '../../model/errors.ts'
import { readCheckpointHeader } from '../../model/weights/checkpoint.ts'
import { listImages } from '../imaging/list-images.ts'
import { startSegmentation } from '../jobs/segmentation-job.ts'
import { findCheckpointFile } from '../services/checkpoints.ts'
import { commonFolder } from '../services/common-folder.ts'
import { checkpointClassesToWrite } from '../services/network-classes.ts'
import type { Project } from '../services/project.ts'
import { ResultRecord } from '../services/results-record.ts'
import { procedures } from './implementer.ts'

export const segmentation = procedures.segmentation.router({
  start: procedures.segmentation.start.handler(async ({ context: { application }, input }) => {
    const opened = application.requireOpened()
    const { what, checkpoint, ...wishes } = input
    const checkpointFile = findCheckpointFile(checkpoint, opened.project)
    const header = await readCheckpointHeader(checkpointFile)
    const images =
      what.kind === 'folder'
        ? await listImages(what.folder)
        : pathsOf(opened.project, what.kind === 'images' ? what.ids : undefined)
    if (images.length === 0) {
      throw new SegscopeError('no-images', 'There is no image to segment.', {
        remedy: 'Add images to the project, or choose a folder that holds some.',
      })
    }
    const compute = application.compute()
    const order = {
      ...wishes,
      images,
      imagesFolder: what.kind === 'folder' ? what.folder : commonFolder(images),
      checkpointFile,
      engine: compute.prediction.engine,
      classes: await checkpointClassesToWrite(opened.project, checkpointFile, header),
    }
    const record = new ResultRecord(opened.project, order, {
      checkpoint,
      classNames: header.plan.classNames,
      request: JSON.stringify(input),
    })
    return {
      job: startSegmentation({
        jobs: application.jobs,
        closing: opened.until(undefined),
        limits: compute.limits,
        computeWith: (engine, work) => application.computeWith(engine, work),
        order,
        record,
      }),
    }
  }),
  suggest: procedures.segmentation.suggest.handler(async ({ context, input }) => {
    const { project } = context.application.requireOpened()
    const { plan } = await readCheckpointHeader(findCheckpointFile(input.checkpoint, project))
    return { folder: join(project.resultsFolder, input.checkpoint), classNames: plan.classNames }
  }),
})

/** Of the images that are where they should be. */
function pathsOf(project: Project, ids: readonly number[] | undefined): string[] {
  const images = ids === undefined ? project.images.all() : ids.flatMap((id) => project.images.find(id) ?? [])
  return images.filter(({ missing }) => !missing).map(({ path }) => path)
}
