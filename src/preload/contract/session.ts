import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { pathSchema, procedure, withoutInput } from './base.ts'

/** Whether a page may work: with two pages on one project, they would paint over each other. */
export const turnSchema = z.enum([
  /** This page works. What it knew of the project before may be outdated. */
  'here',
  /** Another page works: this one shows that, and a button to take over. It gets its turn too when the other closes. */
  'elsewhere',
])
export type Turn = z.infer<typeof turnSchema>

/** What a person chose in the system's menus or handed to the window, for the page to do. */
export const appCommandSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.enum([
      'new-project',
      'close-project',
      'add-images',
      'import-labels',
      'export-labels',
      /** In a text field that has the focus: its own undo. */
      'undo',
      'redo',
      'settings',
      'keys',
    ]),
  }),
  /** Without a folder: the person is asked for one. */
  z.strictObject({ kind: z.literal('open-project'), folder: pathSchema.optional() }),
  /**
   * The person wants to quit. The page saves what it can at once, and answers by `answerQuit`; a page that does not answer
   * in a few seconds is not waited for.
   */
  z.strictObject({ kind: z.literal('may-quit') }),
])
export type AppCommand = z.infer<typeof appCommandSchema>

/** A page among others, and within its window. */
export const session = {
  /**
   * Asks for the turn to work; lasts until the page goes. The first event comes at once.
   * @param takeOver take the turn from the page that has it; otherwise wait until it is free
   */
  turn: procedure.input(z.strictObject({ takeOver: z.boolean() })).output(eventIterator(turnSchema)),
  /** Lasts until the page goes; in a browser, nothing comes. */
  commands: withoutInput.output(eventIterator(appCommandSchema)),
  /** @param unfinished what quitting would lose or stop, in words: "a training"; none where all is done */
  answerQuit: procedure.input(z.strictObject({ unfinished: z.array(z.string().max(200)).max(20) })),
}
