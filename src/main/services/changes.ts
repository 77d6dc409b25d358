/** Changes reach those who watch this often at most. */
const millisecondsBetweenNews = 100

/** Tells those who watch something that it has changed; what changes quickly is told together. */
export class Changes {
  readonly #watchers = new Set<() => void>()
  #timer: NodeJS.Timeout | undefined

  tell(): void {
    if (this.#timer !== undefined) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      for (const wake of this.#watchers) wake()
    }, millisecondsBetweenNews)
  }

  /** The state now, and after every change. */
  async *watch<State>(state: () => State, signal: AbortSignal | undefined): AsyncGenerator<State> {
    let news = Promise.withResolvers<undefined>()
    const wake = (): void => news.resolve(undefined)
    this.#watchers.add(wake)
    signal?.addEventListener('abort', wake)
    try {
      while (signal?.aborted !== true) {
        yield state()
        await news.promise
        news = Promise.withResolvers()
      }
    } finally {
      this.#watchers.delete(wake)
      signal?.removeEventListener('abort', wake)
    }
  }
}
