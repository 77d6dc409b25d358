import { agreementOf } from '../services/results-agreement.ts'
import { writeResultTables } from '../services/result-tables.ts'
import { writeObjectsTable } from '../services/results-table.ts'
import { resultToLabels } from '../services/results-to-labels.ts'
import {
  objectRows,
  requireResult,
  requireResultPlane,
  resultImages,
  resultRows,
  setSplitting,
} from '../services/results.ts'
import { waists } from '../services/waists.ts'
import { procedures } from './implementer.ts'

export const results = procedures.results.router({
  list: procedures.results.list.handler(({ context }) =>
    resultRows(context.application.requireOpened().project),
  ),
  images: procedures.results.images.handler(({ context, input }) => {
    const { project } = context.application.requireOpened()
    requireResult(project, input.result)
    return resultImages(project, input.result)
  }),
  objects: procedures.results.objects.handler(async ({ context: { application }, input, signal }) => {
    const opened = application.requireOpened()
    const { record, labels } = requireResultPlane(opened.project, input)
    const splitting = waists(input.splitting)
    const task = { path: record.path, labels, page: input.page, splitting }
    const options = { urgency: 'details', signal: opened.until(signal) } as const
    const { objects, splitLines, tooLarge } = await application.imageWorkers.run(
      'measure result',
      task,
      options,
    )
    return { objects: objectRows(objects), splitLines, tooLarge }
  }),
  objectAt: procedures.results.objectAt.handler(async ({ context: { application }, input, signal }) => {
    const opened = application.requireOpened()
    const { labels: path } = requireResultPlane(opened.project, input)
    const { page, classIndex: value, at } = input
    for (const { box, waist } of input.components) {
      const first = await application.imageWorkers.run(
        'find result object',
        { path, page, value, at, box, waist },
        { urgency: 'tile', signal: opened.until(signal) },
      )
      if (first !== undefined) return first
    }
    return null
  }),
  setSplitting: procedures.results.setSplitting.handler(({ context, input }) => {
    const { project } = context.application.requireOpened()
    requireResult(project, input.result)
    setSplitting(project, input.result, input.splitting)
  }),
  setVerdict: procedures.results.setVerdict.handler(({ context, input }) => {
    context.application.requireOpened().project.results.setVerdicts(input.ids, input.verdict)
  }),
  toLabels: procedures.results.toLabels.handler(async ({ context: { application }, input, signal }) => {
    const opened = application.requireOpened()
    const { project, labels } = opened
    const { plane, ...change } = await resultToLabels(
      project,
      labels,
      application.imageWorkers,
      input,
      opened.until(signal),
    )
    application.events.publish('project', { kind: 'labels-changed', ...plane, revision: change.revision })
    application.events.publish('project', { kind: 'images-updated', ids: [plane.image] })
    return change
  }),
  agreement: procedures.results.agreement.handler(({ context: { application }, input, signal }) => {
    const opened = application.requireOpened()
    return agreementOf(opened.project, application.imageWorkers, input, opened.until(signal))
  }),
  exportObjects: procedures.results.exportObjects.handler(
    async ({ context: { application }, input, signal }) => {
      const opened = application.requireOpened()
      await writeObjectsTable(opened.project, application.imageWorkers, input, opened.until(signal))
    },
  ),
  saveTables: procedures.results.saveTables.handler(async function* ({
    context: { application },
    input,
    signal,
  }) {
    const opened = application.requireOpened()
    yield* writeResultTables(opened.project, application.imageWorkers, input, opened.until(signal))
  }),
  forget: procedures.results.forget.handler(({ context, input }) => {
    const { project } = context.application.requireOpened()
    requireResult(project, input.result)
    project.results.forget(input.result)
  }),
})
