import type { LabelTiles } from '../../../preload/contract/label-tiles.ts'

interface Waiting {
  resolve(bytes: Uint8Array<ArrayBuffer>): void
  reject(reason: Error): void
}

/** Encodes strokes in a thread of its own. */
export class StrokeEncoder {
  #worker: Worker | undefined
  #waiting: Waiting[] = []

  /** @returns what `encodeLabelTiles` makes of the tiles */
  encode(stroke: LabelTiles): Promise<Uint8Array<ArrayBuffer>> {
    this.#worker ??= this.#start()
    this.#worker.postMessage(stroke)
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }))
  }

  #start(): Worker {
    const worker = new Worker(new URL('./encode-worker.ts', import.meta.url), { type: 'module' })
    worker.addEventListener('message', ({ data }: MessageEvent<Uint8Array<ArrayBuffer>>) =>
      this.#waiting.shift()?.resolve(data),
    )
    worker.addEventListener('error', ({ message }) => {
      // A further stroke begins with a new thread.
      worker.terminate()
      this.#worker = undefined
      const waiting = this.#waiting
      this.#waiting = []
      for (const each of waiting) each.reject(new Error(`Strokes cannot be encoded: ${message}`))
    })
    return worker
  }
}
