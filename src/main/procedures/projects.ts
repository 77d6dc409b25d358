import { join } from 'node:path'
import { makeSampleProject } from '../services/sample-project.ts'
import { procedures } from './implementer.ts'

export const projects = procedures.projects.router({
  recent: procedures.projects.recent.handler(({ context }) => context.application.recentProjects()),
  forget: procedures.projects.forget.handler(async ({ context, input }) => {
    await context.application.recent.forget(input.folder)
  }),
  current: procedures.projects.current.handler(({ context: { application } }) =>
    application.opened === undefined ? null : application.describeOpened(),
  ),
  create: procedures.projects.create.handler(({ context, input }) =>
    context.application.create(input.folder, input.name),
  ),
  open: procedures.projects.open.handler(({ context, input }) => context.application.open(input.folder)),
  suggestFolder: procedures.projects.suggestFolder.handler(async ({ context, input }) => ({
    // What no file system takes, or takes for a path.
    folder: join(
      await context.application.newProjectsFolder(),
      input.name.replaceAll(/[<>:"/\\|?*.]+/g, ' ').trim() || 'project',
    ),
  })),
  openSample: procedures.projects.openSample.handler(async function* ({ context: { application }, signal }) {
    const parent = await application.newProjectsFolder()
    const folder = yield* makeSampleProject(parent, application.about.door, signal)
    yield { kind: 'done', project: await application.open(folder) }
  }),
  rename: procedures.projects.rename.handler(async ({ context: { application }, input }) => {
    const { project } = application.requireOpened()
    project.information.rename(input.name)
    await application.recent.add(project.folder, input.name)
    return application.describeOpened()
  }),
  saveViewer: procedures.projects.saveViewer.handler(({ context, input }) => {
    context.application.requireOpened().project.information.saveViewer(JSON.stringify(input))
  }),
  close: procedures.projects.close.handler(({ context }) => {
    context.application.closeProject()
  }),
  events: procedures.projects.events.handler(async function* ({ context, signal }) {
    yield* context.application.events.subscribe('project', { ...(signal && { signal }) })
  }),
})
