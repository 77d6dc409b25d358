import { SegscopeError } from '../../model/errors.ts'
import type { ImageDetails } from '../../preload/contract/images.ts'
import type { Inspection } from '../compute/image-tasks.ts'
import type { ImageWorkers } from '../compute/image-workers.ts'
import type { ImageRecord } from '../database/repositories/images.ts'
import { imageChanged, type TilePlace } from '../imaging/pyramid/image-view.ts'
import { countLevels, tileRegion } from '../imaging/pyramid/levels.ts'
import { isSmallPlane } from '../imaging/sample-plane.ts'
import { fingerprintImage } from '../services/content-fingerprint.ts'
import type { ImageCache } from '../services/image-cache.ts'
import type { Project } from '../services/project.ts'
import { fileStateOf } from '../services/segmentation-ledger.ts'
import { Pyramids } from './pyramids.ts'

/** Pixels on their way to a page. */
export interface Answered {
  bytes: Uint8Array<ArrayBuffer>
  /** `final`: the address will always stand for these; `preliminary`: better ones come; `makeshift`: none do. */
  quality: 'final' | 'preliminary' | 'makeshift'
}

/** What a page sees of the images of a project: their facts and their pixels. Threads do the reading. */
export class ProjectPixels {
  readonly #project: Project
  readonly #workers: ImageWorkers
  readonly #cache: ImageCache
  readonly #pyramids: Pyramids

  /** @param closing ends what is made in the background */
  constructor(project: Project, workers: ImageWorkers, cache: ImageCache, closing: AbortSignal) {
    this.#project = project
    this.#workers = workers
    this.#cache = cache
    this.#pyramids = new Pyramids(workers, cache, closing)
  }

  /** @throws SegscopeError `image-unknown`, `image-changed`, and as `openImage` */
  async details(id: number, signal?: AbortSignal): Promise<ImageDetails> {
    const image = this.#require(id)
    const { path } = image
    const { info, fingerprint, statistics } =
      (await this.#knownFacts(image)) ??
      (await this.#workers.run('inspect', { path }, { urgency: 'details', signal }))
    if (shapeOf(image) !== shapeOf(info)) throw imageChanged(path)
    // A file that was written anew with the same shape keeps its labels.
    if (image.fingerprint !== fingerprint) this.#project.images.save({ ...image, fingerprint })
    if (!isSmallPlane(info)) this.#pyramids.begin({ ...image, fingerprint }, 0)
    const { pixelSize, zPlanes = 1, axes, images, image: name, channelLooks } = info
    const { format, width, height, channels, pages, sampleType, bitsPerSample } = info
    return {
      id,
      path,
      ...{ format, width, height, channels, pages, zPlanes, sampleType, bitsPerSample },
      ...(pixelSize !== undefined && { pixelSize }),
      ...(axes !== undefined && { axes: [...axes] }),
      ...(images !== undefined && { images: [...images] }),
      ...(name !== undefined && { image: name }),
      ...(channelLooks !== undefined && { channelLooks: channelLooks.map((look) => ({ ...look })) }),
      fingerprint,
      levels: countLevels(info),
      statistics,
    }
  }

  /** undefined where the image has no such tile. @throws SegscopeError `image-unknown`, and as `openImage` */
  async tile(id: number, place: TilePlace, signal?: AbortSignal): Promise<Answered | undefined> {
    const image = this.#require(id)
    const { page, channel } = place
    if (page >= image.pages || channel >= image.channels || tileRegion(image, place) === undefined) {
      return undefined
    }
    const made = isSmallPlane(image) ? undefined : await this.#madeTile(image, place)
    if (made !== undefined) return { bytes: made, quality: 'final' }
    const { bytes, preliminary } = await this.#workers.run(
      'read tile',
      { path: image.path, place },
      { urgency: 'tile', signal },
    )
    if (!preliminary) return { bytes, quality: 'final' }
    return { bytes, quality: this.#pyramids.isComing(image, page) ? 'preliminary' : 'makeshift' }
  }

  /** WebP. @throws SegscopeError `image-unknown`, and as `openImage` */
  async thumbnail(id: number, signal?: AbortSignal): Promise<Answered> {
    const { path, fingerprint } = this.#require(id)
    const kept = await this.#cache.read('thumbnails-1', fingerprint)
    if (kept !== undefined) return { bytes: kept, quality: 'final' }
    const made = await this.#workers.run('make thumbnail', { path }, { urgency: 'thumbnail', signal })
    // A file that was changed since it was added is shown as it is, under no false name.
    if (made.fingerprint !== fingerprint) return { bytes: made.webp, quality: 'preliminary' }
    await this.#cache.keep('thumbnails-1', fingerprint, made.webp)
    return { bytes: made.webp, quality: 'final' }
  }

  /**
   * The classes of a label map in their colours, WebP, as large as its image's thumbnail.
   * @throws SegscopeError as `openImage`
   */
  async resultThumbnail(
    labels: string,
    colours: readonly string[],
    signal?: AbortSignal,
  ): Promise<Uint8Array<ArrayBuffer>> {
    // Where the file cannot be read, reading it says why.
    const state = await fileStateOf(labels).catch(() => undefined)
    const key = JSON.stringify([labels, state, colours])
    const kept = state && (await this.#cache.read('result-thumbnails-1', key))
    if (kept !== undefined) return kept
    const task = { path: labels, colours }
    const made = await this.#workers.run('make result thumbnail', task, { urgency: 'thumbnail', signal })
    if (state !== undefined) await this.#cache.keep('result-thumbnails-1', key, made.bytes)
    return made.bytes
  }

  /** Of a large image whose pyramid is made: no file need be decoded. */
  async #knownFacts(image: ImageRecord): Promise<Inspection | undefined> {
    if (isSmallPlane(image)) return undefined
    const pyramid = await this.#pyramids.find(image, 0)
    if (pyramid === undefined) return undefined
    await pyramid.close()
    // Where the file cannot be read, inspecting it says why.
    const fingerprint = await fingerprintImage(image.path).catch(() => undefined)
    return fingerprint === image.fingerprint ? { ...pyramid.facts, fingerprint } : undefined
  }

  async #madeTile(image: ImageRecord, place: TilePlace): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const pyramid = await this.#pyramids.find(image, place.page)
    if (pyramid === undefined) {
      if (place.level > 0) this.#pyramids.begin(image, place.page)
      return undefined
    }
    try {
      return await pyramid.readTile(place)
    } finally {
      await pyramid.close()
    }
  }

  #require(id: number): ImageRecord {
    const image = this.#project.images.find(id)
    if (image !== undefined) return image
    throw new SegscopeError('image-unknown', `The project has no image ${id}.`, {
      remedy: 'It was removed; go back to the images.',
    })
  }
}

type Shape = Pick<ImageRecord, 'width' | 'height' | 'channels' | 'pages' | 'sampleType'>

function shapeOf({ width, height, channels, pages, sampleType }: Shape): string {
  return [width, height, channels, pages, sampleType].join(' ')
}
