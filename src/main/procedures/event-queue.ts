/** Events that arrive by callbacks, handed on as they are asked for; the newest one is enough. */
export class EventQueue<Event> {
  #newest: Event | undefined
  #settled = false
  #arrival = Promise.withResolvers<undefined>()

  add(event: Event): void {
    this.#newest = event
    this.#arrival.resolve(undefined)
  }

  /** The events until `work` settles; what it throws is its caller's affair. */
  async *until(work: Promise<unknown>): AsyncGenerator<Event> {
    const settle = (): void => {
      this.#settled = true
      this.#arrival.resolve(undefined)
    }
    work.then(settle, settle)
    while (true) {
      await this.#arrival.promise
      this.#arrival = Promise.withResolvers()
      const event = this.#newest
      this.#newest = undefined
      if (event !== undefined) yield event
      if (this.#settled) return
    }
  }
}
