import { SegscopeError } from '../../model/errors.ts'
import type { LabelChange, Plane } from '../../preload/contract/labels.ts'
import type { Application } from '../application.ts'
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
  copyFromPrevious: procedures.labels.copyFromPrevious.handler(() => {
    throw new SegscopeError('not-built', 'Copying is being built.')
  }),
  previewImport: procedures.labels.previewImport.handler(() => {
    throw new SegscopeError('not-built', 'Import is being built.')
  }),
  // eslint-disable-next-line require-yield -- being built
  import: procedures.labels.import.handler(async function* () {
    throw new SegscopeError('not-built', 'Import is being built.')
  }),
  // eslint-disable-next-line require-yield -- being built
  export: procedures.labels.export.handler(async function* () {
    throw new SegscopeError('not-built', 'Export is being built.')
  }),
})

function changed(application: Application, { image }: Plane, change: LabelChange): LabelChange {
  application.events.publish('project', { kind: 'images-updated', ids: [image] })
  return change
}
