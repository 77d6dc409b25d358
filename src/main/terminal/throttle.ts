/** Lets one event through at once, and then one an interval. */
export class Throttle {
  readonly #intervalMilliseconds: number
  #last = -Infinity

  constructor(intervalMilliseconds: number) {
    this.#intervalMilliseconds = intervalMilliseconds
  }

  /** Whether this event may pass now; an urgent one always may. */
  passes(urgent: boolean): boolean {
    const now = performance.now()
    if (!urgent && now - this.#last < this.#intervalMilliseconds) return false
    this.#last = now
    return true
  }
}
