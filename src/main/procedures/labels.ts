import type { LabelChange, Plane } from '../../preload/contract/labels.ts'
import type { Application } from '../application.ts'
import { copyFromPrevious } from '../services/copy-labels.ts'
import { exportLabels } from '../services/label-export.ts'
import { importLabels, previewImport } from '../services/label-import.ts'
import { procedures } from './implementer.ts'

export const labels = procedures.labels.router({
  state: procedures.labels.state.handler(({ context, input }) =>
    context.application.requireOpened().labels.state(input),
  ),
  undo: procedures.labels.undo.handler(({ context: { application }, input }) =>
    changed(application, input, application.requireOpened().labels.undo(input)),
  ),
  redo: procedures.labels.redo.handler(({ context: { application }, input }) =>
    changed(application, input, application.requireOpened().labels.redo(input)),
  ),
  copyFromPrevious: procedures.labels.copyFromPrevious.handler(({ context: { application }, input }) => {
    const { project, labels } = application.requireOpened()
    return changed(application, input, copyFromPrevious(project, labels, input))
  }),
  previewImport: procedures.labels.previewImport.handler(({ context: { application }, input, signal }) => {
    const opened = application.requireOpened()
    return previewImport(opened.project, input, application.imageWorkers, opened.until(signal))
  }),
  import: procedures.labels.import.handler(async function* ({ context: { application }, input, signal }) {
    const opened = application.requireOpened()
    const { project, labels } = opened
    const onImported = (planes: (Plane & { revision: number })[]) => {
      for (const plane of planes) {
        application.events.publish('project', { kind: 'labels-changed', ...plane })
      }
      const ids = [...new Set(planes.map(({ image }) => image))]
      application.events.publish('project', { kind: 'images-updated', ids })
    }
    const until = opened.until(signal)
    yield* importLabels(project, labels, input, application.imageWorkers, onImported, until)
  }),
  export: procedures.labels.export.handler(async function* ({ context: { application }, input, signal }) {
    const opened = application.requireOpened()
    yield* exportLabels(opened.project, input, opened.until(signal))
  }),
})

function changed(application: Application, { image }: Plane, change: LabelChange): LabelChange {
  application.events.publish('project', { kind: 'images-updated', ids: [image] })
  return change
}
