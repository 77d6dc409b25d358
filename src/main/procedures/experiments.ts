import { SegscopeError } from '../../model/errors.ts'
import { addStartingNetwork } from '../services/add-starting-network.ts'
import { exportCheckpoint, importCheckpoint } from '../services/checkpoint-files.ts'
import { cleanUp, removableFiles } from '../services/clean-up.ts'
import {
  checkpointRow,
  experimentCurves,
  experimentDetails,
  experimentRows,
} from '../services/experiment-rows.ts'
import type { Project } from '../services/project.ts'
import { procedures } from './implementer.ts'

export const experiments = procedures.experiments.router({
  list: procedures.experiments.list.handler(({ context }) =>
    experimentRows(context.application.requireOpened().project),
  ),
  details: procedures.experiments.details.handler(({ context, input }) =>
    experimentDetails(context.application.requireOpened().project, input.id),
  ),
  curves: procedures.experiments.curves.handler(({ context, input }) =>
    experimentCurves(context.application.requireOpened().project, input.id, input.afterStep),
  ),
})

export const checkpoints = procedures.checkpoints.router({
  list: procedures.checkpoints.list.handler(async ({ context }) => {
    const { project } = context.application.requireOpened()
    const rows = project.checkpoints.all().map((checkpoint) => checkpointRow(project, checkpoint))
    return await Promise.all(rows)
  }),
  annotate: procedures.checkpoints.annotate.handler(
    async ({ context, input: { id, name, starred, note } }) => {
      const { project } = context.application.requireOpened()
      requireCheckpoint(project, id)
      const given = (text: string | null): string | undefined =>
        text === null || text === '' ? undefined : text
      project.checkpoints.annotate(id, { name: given(name), starred, note: given(note) })
      return await checkpointRow(project, requireCheckpoint(project, id))
    },
  ),
  export: procedures.checkpoints.export.handler(async ({ context, input: { id, ...target } }) => {
    const { project } = context.application.requireOpened()
    requireCheckpoint(project, id)
    await exportCheckpoint(project, id, target)
  }),
  import: procedures.checkpoints.import.handler(async ({ context, input }) => {
    const { project } = context.application.requireOpened()
    const id = await importCheckpoint(project, input.file)
    return await checkpointRow(project, requireCheckpoint(project, id))
  }),
  addStartingNetwork: procedures.checkpoints.addStartingNetwork.handler(
    async ({ context: { application } }) => {
      const { project, classes } = application.requireOpened()
      const id = await addStartingNetwork(project)
      if (classes.list().length === 1) {
        classes.add('object')
        application.events.publish('project', { kind: 'classes-changed' })
      }
      return await checkpointRow(project, requireCheckpoint(project, id))
    },
  ),
  cleanUpPreview: procedures.checkpoints.cleanUpPreview.handler(async ({ context }) => ({
    files: (await removableFiles(context.application.requireOpened().project)).map(
      ({ checkpoint, ...file }) => ({ ...file, ...(checkpoint !== undefined && { checkpoint }) }),
    ),
  })),
  cleanUp: procedures.checkpoints.cleanUp.handler(({ context: { application }, input }) =>
    cleanUp(application.requireOpened().project, input.files, application.jobs.uses()),
  ),
})

function requireCheckpoint(project: Project, id: string) {
  const found = project.checkpoints.find(id)
  if (found?.isDeleted === false) return found
  throw new SegscopeError('checkpoint-not-found', `The project has no checkpoint ${id}.`, {
    remedy: 'Look at the list again.',
  })
}
