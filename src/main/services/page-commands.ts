import { EventPublisher } from '@orpc/server'
import type { AppCommand } from '../../preload/contract/session.ts'

/** What a door asks of its page: commands of the system's menus, and whether the page may go. */
export class PageCommands {
  readonly #events = new EventPublisher<{ command: AppCommand; unfinished: string[] }>()
  #listening = 0

  /** The commands, from now on, for a page. */
  async *subscribe(signal: AbortSignal | undefined): AsyncGenerator<AppCommand> {
    this.#listening++
    try {
      yield* this.#events.subscribe('command', { ...(signal && { signal }) })
    } finally {
      this.#listening--
    }
  }

  /** Nobody does it where no page listens, as before the page is shown. */
  send(command: AppCommand): void {
    this.#events.publish('command', command)
  }

  /** What the page says to `may-quit`. */
  answerQuit(unfinished: string[]): void {
    this.#events.publish('unfinished', unfinished)
  }

  /**
   * Asks the page what quitting would lose or stop.
   * @returns nothing where no page listens; undefined where one does and is silent for so many milliseconds
   */
  async askUnfinished(milliseconds: number): Promise<string[] | undefined> {
    if (this.#listening === 0) return []
    return await new Promise((answer) => {
      const unsubscribe = this.#events.subscribe('unfinished', (unfinished) => settle(unfinished))
      const timer = setTimeout(() => settle(undefined), milliseconds)
      function settle(unfinished: string[] | undefined): void {
        clearTimeout(timer)
        unsubscribe()
        answer(unfinished)
      }
      this.send({ kind: 'may-quit' })
    })
  }
}
