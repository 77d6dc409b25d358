import { SegscopeError } from '../../model/errors.ts'
import type { ImageRow } from '../../preload/contract/images.ts'
import type { Application } from '../application.ts'
import type { ImageRecord } from '../database/repositories/images.ts'
import { findMissingImages } from '../services/image-registry.ts'
import { procedures } from './implementer.ts'

export const images = procedures.images.router({
  list: procedures.images.list.handler(({ context }) => {
    const { project } = context.application.requireOpened()
    const labelled = project.labels.labelledPixels()
    return {
      images: project.images.all().map((image) => toRow(image, labelled.get(image.id) ?? 0)),
      refused: project.refusedFiles.all().map(({ id, path, code, message, remedy, added }) => ({
        id,
        path,
        added,
        problem: { code, message, file: path, ...(remedy !== null && { remedy }) },
      })),
    }
  }),
  rows: procedures.images.rows.handler(({ context, input }) => {
    const { project } = context.application.requireOpened()
    return input.ids.flatMap((id) => {
      const image = project.images.find(id)
      return image === undefined ? [] : [toRow(image, project.labels.labelledPixelsOf(id))]
    })
  }),
  // eslint-disable-next-line require-yield -- being built
  add: procedures.images.add.handler(async function* () {
    throw new SegscopeError('not-built', 'Adding images is being built.')
  }),
  remove: procedures.images.remove.handler(({ context: { application }, input }) => {
    const { project } = application.requireOpened()
    project.transaction(() => {
      for (const id of input.ids) project.images.remove(id)
    })
    imagesChanged(application)
  }),
  forgetRefused: procedures.images.forgetRefused.handler(({ context: { application }, input }) => {
    const { project } = application.requireOpened()
    project.transaction(() => {
      for (const id of input.ids) project.refusedFiles.remove(id)
    })
    imagesChanged(application)
  }),
  details: procedures.images.details.handler(() => {
    throw new SegscopeError('not-built', 'Details are being built.')
  }),
  setSplit: procedures.images.setSplit.handler(({ context: { application }, input: { ids, split } }) => {
    const { project } = application.requireOpened()
    project.transaction(() => {
      for (const id of ids) project.images.setSplit(id, split)
    })
    application.events.publish('project', { kind: 'images-updated', ids })
  }),
  findMissing: procedures.images.findMissing.handler(({ context: { application } }) => {
    const missing = findMissingImages(application.requireOpened().project)
    if (missing.length > 0) {
      application.events.publish('project', { kind: 'images-updated', ids: missing.map(({ id }) => id) })
    }
    return { missing: missing.length }
  }),
  // eslint-disable-next-line require-yield -- being built
  relocate: procedures.images.relocate.handler(async function* () {
    throw new SegscopeError('not-built', 'Finding moved images is being built.')
  }),
})

function imagesChanged(application: Application): void {
  application.events.publish('project', { kind: 'images-changed' })
}

function toRow(image: ImageRecord, labelledPixels: number): ImageRow {
  const { id, path, width, height, channels, pages, sampleType, missing, split, added } = image
  return { id, path, width, height, channels, pages, sampleType, missing, split, added, labelledPixels }
}
