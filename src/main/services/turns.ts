import { EventPublisher } from '@orpc/server'
import type { Turn } from '../../preload/contract/session.ts'

/** Whose turn it is to work, of all the pages that a door shows: the first in the queue has it. */
export class Turns {
  readonly #changes = new EventPublisher<{ queue: undefined }>()
  #queue: symbol[] = []

  /**
   * Queues a page, and tells at once and at every change whether it may work.
   * @param takeOver queue at the front
   * @param signal aborted when the page is gone: it leaves the queue
   */
  async *take(takeOver: boolean, signal: AbortSignal | undefined): AsyncGenerator<Turn> {
    const page = Symbol()
    const changes = this.#changes.subscribe('queue', { ...(signal && { signal }), maxBufferedEvents: 1 })
    this.#change(takeOver ? [page, ...this.#queue] : [...this.#queue, page])
    try {
      let told = this.#turnOf(page)
      yield told
      for await (const _ of changes) {
        if (this.#turnOf(page) === told) continue
        told = this.#turnOf(page)
        yield told
      }
    } finally {
      this.#change(this.#queue.filter((each) => each !== page))
    }
  }

  #turnOf(page: symbol): Turn {
    return this.#queue[0] === page ? 'here' : 'elsewhere'
  }

  #change(queue: symbol[]): void {
    this.#queue = queue
    this.#changes.publish('queue', undefined)
  }
}
