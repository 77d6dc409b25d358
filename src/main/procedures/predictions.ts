import { rankByUncertainty } from '../services/rank-by-uncertainty.ts'
import { procedures } from './implementer.ts'

export const predictions = procedures.predictions.router({
  prepare: procedures.predictions.prepare.handler(({ context: { application }, input }) => {
    application.requireOpened().predictions.prepare(input.checkpoint)
  }),
  rank: procedures.predictions.rank.handler(async function* ({ context: { application }, input, signal }) {
    const opened = application.requireOpened()
    yield* rankByUncertainty(opened.project, opened.predictions, input, opened.until(signal))
  }),
})
