import type { ImageRow } from '../../preload/contract/images.ts'
import type { Application } from '../application.ts'
import type { ImageRecord } from '../database/repositories/images.ts'
import { addImages } from '../services/add-images.ts'
import { findFrames } from '../services/find-frames.ts'
import { findMissingImages } from '../services/image-registry.ts'
import { relocateImages } from '../services/relocate-images.ts'
import { setReading } from '../services/set-reading.ts'
import { Throttle } from '../terminal/throttle.ts'
import { procedures } from './implementer.ts'

/** While images are added, the page lists them anew this often: the grid fills, and has time for other things. */
const SHOWING_MILLISECONDS = 2000

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
  add: procedures.images.add.handler(async function* ({ context: { application }, input, signal }) {
    const opened = application.requireOpened()
    const showings = new Throttle(SHOWING_MILLISECONDS)
    try {
      for await (const event of addImages(
        opened.project,
        application.imageWorkers,
        input,
        opened.until(signal),
      )) {
        if (event.kind === 'progress' && showings.passes(false)) imagesChanged(application)
        yield event
      }
    } finally {
      imagesChanged(application)
    }
  }),
  findFrames: procedures.images.findFrames.handler(({ input }) => findFrames(input)),
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
  details: procedures.images.details.handler(async ({ context: { application }, input: { id }, signal }) => {
    const { project, pixels } = application.requireOpened()
    const before = project.images.find(id)?.fingerprint
    const details = await pixels.details(id, signal)
    // The file was written anew: its row names the new picture.
    if (details.fingerprint !== before)
      application.events.publish('project', { kind: 'images-updated', ids: [id] })
    return details
  }),
  setReading: procedures.images.setReading.handler(async ({ context: { application }, input, signal }) => {
    const opened = application.requireOpened()
    await setReading(opened.project, application.imageWorkers, input, opened.until(signal))
    application.events.publish('project', { kind: 'images-updated', ids: [input.id] })
  }),
  setSplit: procedures.images.setSplit.handler(({ context: { application }, input: { ids, split } }) => {
    const { project } = application.requireOpened()
    project.transaction(() => {
      for (const id of ids) project.images.setSplit(id, split)
    })
    application.events.publish('project', { kind: 'images-updated', ids })
  }),
  findMissing: procedures.images.findMissing.handler(async ({ context: { application }, signal }) => {
    const opened = application.requireOpened()
    const { missing, changed } = await findMissingImages(opened.project, opened.until(signal))
    if (changed.length > 0) application.events.publish('project', { kind: 'images-updated', ids: changed })
    return { missing: missing.length }
  }),
  relocate: procedures.images.relocate.handler(async function* ({ context: { application }, input, signal }) {
    const opened = application.requireOpened()
    const onMoved = (ids: number[]) => {
      application.events.publish('project', { kind: 'images-updated', ids })
    }
    yield* relocateImages(opened.project, input.folder, onMoved, opened.until(signal))
  }),
})

function imagesChanged(application: Application): void {
  application.events.publish('project', { kind: 'images-changed' })
}

function toRow(image: ImageRecord, labelledPixels: number): ImageRow {
  return { ...image, labelledPixels }
}
