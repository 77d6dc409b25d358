/**
 * The outcome of work that goes on in the background: a function that gives its result or throws what it threw. A
 * failure then waits until somebody asks, and is not an unhandled rejection in the meantime.
 */
export function settle<Value>(work: Promise<Value>): Promise<() => Value> {
  return work.then(
    (value) => () => value,
    (error: unknown) => () => {
      throw error
    },
  )
}
