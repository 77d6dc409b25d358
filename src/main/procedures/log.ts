import { procedures } from './implementer.ts'

export const log = procedures.log.router({
  read: procedures.log.read.handler(async ({ context }) => ({ text: await context.application.log.text() })),
  save: procedures.log.save.handler(async ({ context, input }) => ({
    file: await context.application.log.save(input.folder),
  })),
})
