import { CancelledError } from '../../model/errors.ts'
import type { ImageWorkers } from '../compute/image-workers.ts'
import type { ImageRecord } from '../database/repositories/images.ts'
import { PyramidFile, PyramidLayout } from '../imaging/pyramid/pyramid-file.ts'
import type { ImageCache } from '../services/image-cache.ts'

/** The reduced copies of large images: found in the cache, or made in the background, each once at a time. */
export class Pyramids {
  readonly #workers: ImageWorkers
  readonly #cache: ImageCache
  /** Fires when they are not wanted any more. */
  readonly #closing: AbortSignal
  readonly #building = new Set<string>()
  /** They could not be made, and are not tried again as long as the project is open. */
  readonly #failed = new Set<string>()

  constructor(workers: ImageWorkers, cache: ImageCache, closing: AbortSignal) {
    this.#workers = workers
    this.#cache = cache
    this.#closing = closing
  }

  /** To be closed by the caller; undefined where it is not made yet. */
  async find(image: ImageRecord, page: number): Promise<PyramidFile | undefined> {
    const path = await this.#cache.find('pyramids-1', keyOf(image, page))
    return path === undefined ? undefined : await PyramidFile.open(path)
  }

  /** Whether it may still come: it is being made, or `begin` would. */
  isComing(image: ImageRecord, page: number): boolean {
    return !this.#failed.has(keyOf(image, page))
  }

  /** Begins to make it, unless that is under way or has failed. */
  begin(image: ImageRecord, page: number): void {
    const key = keyOf(image, page)
    if (this.#building.has(key) || this.#failed.has(key)) return
    this.#building.add(key)
    void this.#build(image, page).then((isMade) => {
      this.#building.delete(key)
      if (!isMade) this.#failed.add(key)
    })
  }

  /** An image that cannot be read shows why where it is viewed; its pyramid just does not come. */
  async #build(image: ImageRecord, page: number): Promise<boolean> {
    const { path, fingerprint } = image
    const bytes = new PyramidLayout(image, 1).tileBytes
    try {
      return await this.#cache.make('pyramids-1', keyOf(image, page), bytes, (file) =>
        this.#workers.run(
          'build pyramid',
          { path, page, fingerprint, file },
          { urgency: 'background', signal: this.#closing },
        ),
      )
    } catch (thrown) {
      return thrown instanceof CancelledError
    }
  }
}

function keyOf({ fingerprint }: ImageRecord, page: number): string {
  return `${fingerprint} ${page}`
}
