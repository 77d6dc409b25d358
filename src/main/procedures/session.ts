import { procedures } from './implementer.ts'

export const session = procedures.session.router({
  turn: procedures.session.turn.handler(async function* ({ context, input, signal }) {
    yield* context.application.turns.take(input.takeOver, signal)
  }),
  commands: procedures.session.commands.handler(async function* ({ context, signal }) {
    yield* context.application.commands.subscribe(signal)
  }),
  answerQuit: procedures.session.answerQuit.handler(({ context, input }) => {
    context.application.commands.answerQuit(input.unfinished)
  }),
})
