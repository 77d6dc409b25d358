import { SegscopeError } from '../../model/errors.ts'
import { procedures } from './implementer.ts'

export const settings = procedures.settings.router({
  get: procedures.settings.get.handler(({ context }) => context.application.settings.get()),
  change: procedures.settings.change.handler(({ context, input }) =>
    context.application.settings.change(
      Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)),
    ),
  ),
  cacheUse: procedures.settings.cacheUse.handler(({ context }) => ({
    folder: context.application.cacheFolder,
    bytes: 0,
  })),
  clearCache: procedures.settings.clearCache.handler(() => {
    throw new SegscopeError('not-built', 'The cache is being built.')
  }),
})
