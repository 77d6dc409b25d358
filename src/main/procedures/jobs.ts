import { procedures } from './implementer.ts'

export const jobs = procedures.jobs.router({
  watch: procedures.jobs.watch.handler(async function* ({ context, signal }) {
    yield* context.application.jobs.watch(signal)
  }),
  pause: procedures.jobs.pause.handler(({ context, input }) => {
    context.application.jobs.control(input.id, 'pause')
  }),
  goOn: procedures.jobs.goOn.handler(({ context, input }) => {
    context.application.jobs.control(input.id, 'goOn')
  }),
  stop: procedures.jobs.stop.handler(({ context, input }) => {
    context.application.jobs.control(input.id, 'stop')
  }),
  cancel: procedures.jobs.cancel.handler(({ context, input }) => {
    context.application.jobs.control(input.id, 'cancel')
  }),
  dismiss: procedures.jobs.dismiss.handler(({ context, input }) => {
    context.application.jobs.dismiss(input.id)
  }),
})
