import { procedures } from './implementer.ts'

export const about = procedures.about.router({
  get: procedures.about.get.handler(({ context }) => context.application.about),
})
