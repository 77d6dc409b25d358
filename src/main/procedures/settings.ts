import { procedures } from './implementer.ts'

export const settings = procedures.settings.router({
  get: procedures.settings.get.handler(({ context }) => context.application.settings.get()),
  change: procedures.settings.change.handler(({ context, input }) =>
    context.application.changeSettings(
      Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)),
    ),
  ),
  projectsFolder: procedures.settings.projectsFolder.handler(async ({ context }) => ({
    folder: await context.application.newProjectsFolder(),
  })),
  cacheUse: procedures.settings.cacheUse.handler(({ context }) => context.application.imageCache.use()),
  clearCache: procedures.settings.clearCache.handler(({ context }) => context.application.imageCache.clear()),
})
