import { settle } from './settle.ts'

/**
 * What `work` makes of every item, in the items' order, with several under way at once. Where the signal fires, no
 * further item is begun and the results end; nothing is thrown.
 */
export async function* inOrder<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<Result>,
  signal?: AbortSignal,
): AsyncGenerator<Result> {
  const underWay: Promise<() => Result>[] = []
  for (const item of items) {
    if (signal?.aborted) return
    underWay.push(settle(work(item)))
    if (underWay.length === atOnce) yield ((await underWay.shift()) as () => Result)()
  }
  for (const rest of underWay) {
    if (signal?.aborted) return
    yield (await rest)()
  }
}

/** Long work keeps what it has, and says how far it is, this often. */
const BATCH_MILLISECONDS = 200

/** The items that come within a fifth of a second, together: for work that is kept by transactions. */
export async function* inBatches<Item>(items: AsyncIterable<Item>): AsyncGenerator<Item[]> {
  let batch: Item[] = []
  let began = performance.now()
  for await (const item of items) {
    batch.push(item)
    if (performance.now() - began < BATCH_MILLISECONDS) continue
    yield batch
    batch = []
    began = performance.now()
  }
  if (batch.length > 0) yield batch
}
