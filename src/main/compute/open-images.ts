import { stat } from 'node:fs/promises'
import { fileOf } from '../../preload/contract/image-address.ts'
import { openImage } from '../imaging/open-image.ts'
import { ImageView } from '../imaging/pyramid/image-view.ts'

/** What images that are kept open may hold in memory together; the newest stays whatever it holds. */
const LARGEST_BYTES = 2 ** 28
const MOST_IMAGES = 8
/** Windows lets nobody rename or delete a file that is open. */
const IDLE_MILLISECONDS = 20_000

interface OpenImage {
  view: ImageView
  /** Another one says that the file was written anew. */
  version: string
}

/** The images that were used last, kept open. For one user at a time: asking for one may close others. */
export class OpenImages {
  /** From the least to the most recently used. */
  readonly #images = new Map<string, OpenImage>()
  #closing: NodeJS.Timeout | undefined

  /** @throws SegscopeError as `openImage` */
  async get(path: string): Promise<ImageView> {
    clearTimeout(this.#closing)
    const version = await versionOf(path)
    let image = this.#images.get(path)
    this.#images.delete(path)
    if (image !== undefined && image.version !== version) {
      await image.view.source.close()
      image = undefined
    }
    image ??= { view: new ImageView(await openImage(path)), version }
    this.#images.set(path, image)
    await this.#closeOldest()
    return image.view
  }

  /** Nothing is in use: after a while the files are closed. */
  rest(): void {
    clearTimeout(this.#closing)
    this.#closing = setTimeout(() => void this.#close(), IDLE_MILLISECONDS)
  }

  async #close(): Promise<void> {
    const images = [...this.#images.values()]
    this.#images.clear()
    for (const { view } of images) await view.source.close()
  }

  async #closeOldest(): Promise<void> {
    let bytes = 0
    for (const { view } of this.#images.values()) bytes += view.bytes
    for (const [path, { view }] of this.#images) {
      if (this.#images.size === 1 || (bytes <= LARGEST_BYTES && this.#images.size <= MOST_IMAGES)) return
      this.#images.delete(path)
      bytes -= view.bytes
      await view.source.close()
    }
  }
}

/** Empty where there is no file: opening it says so. */
async function versionOf(path: string): Promise<string> {
  const status = await stat(fileOf(path)).catch(() => undefined)
  return status === undefined ? '' : `${status.dev} ${status.ino} ${status.size} ${status.mtimeMs}`
}
