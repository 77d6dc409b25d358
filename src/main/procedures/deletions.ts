import { deletedItems, deleteItem, purgeItems } from '../services/deletion.ts'
import { procedures } from './implementer.ts'

export const deletions = procedures.deletions.router({
  list: procedures.deletions.list.handler(({ context }) =>
    deletedItems(context.application.requireOpened().project),
  ),
  delete: procedures.deletions.delete.handler(({ context: { application }, input }) => {
    deleteItem(application.requireOpened().project, input, application.jobs.uses())
  }),
  restore: procedures.deletions.restore.handler(({ context, input }) => {
    context.application.requireOpened().project.deletions.restore(input)
  }),
  purge: procedures.deletions.purge.handler(async ({ context, input }) => ({
    freed: await purgeItems(context.application.requireOpened().project, input.items),
  })),
})
