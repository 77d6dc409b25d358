import type { Samples } from '../../../model/images/image-source.ts'

/** The most recently used decoded chunks, up to a number of bytes; one chunk larger than that is kept alone. */
export class ChunkCache {
  readonly #capacity: number
  /** From the least to the most recently used. */
  readonly #chunks = new Map<string, Samples>()
  #bytes = 0

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get(key: string): Samples | undefined {
    const chunk = this.#chunks.get(key)
    if (chunk !== undefined) {
      this.#chunks.delete(key)
      this.#chunks.set(key, chunk)
    }
    return chunk
  }

  put(key: string, chunk: Samples): void {
    this.#remove(key)
    for (const oldest of this.#chunks.keys()) {
      if (this.#bytes + chunk.byteLength <= this.#capacity) break
      this.#remove(oldest)
    }
    this.#chunks.set(key, chunk)
    this.#bytes += chunk.byteLength
  }

  clear(): void {
    this.#chunks.clear()
    this.#bytes = 0
  }

  #remove(key: string): void {
    this.#bytes -= this.#chunks.get(key)?.byteLength ?? 0
    this.#chunks.delete(key)
  }
}
