/**
 * Thumbnails that load at a time: a browser keeps six connections to a server, and strokes and the image on the canvas
 * must not wait behind pictures that are still being made.
 */
const LOADING_AT_A_TIME = 3

const waiting = new Set<() => void>()
let loading = 0

/**
 * Calls `start` when it is this thumbnail's turn.
 * @returns to be called once, when it is loaded or no longer wanted
 */
export function queueThumbnail(start: () => void): () => void {
  let isLoading = false
  const begin = (): void => {
    waiting.delete(begin)
    isLoading = true
    loading++
    start()
  }
  waiting.add(begin)
  next()
  return () => {
    if (!isLoading) {
      waiting.delete(begin)
      return
    }
    loading--
    next()
  }
}

function next(): void {
  const [first] = waiting
  if (first !== undefined && loading < LOADING_AT_A_TIME) first()
}
