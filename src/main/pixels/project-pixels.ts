import { SegscopeError } from '../../model/errors.ts'
import type { ImageDetails } from '../../preload/contract/images.ts'
import type { ImageWorkers } from '../compute/image-workers.ts'
import type { ImageRecord } from '../database/repositories/images.ts'
import { imageChanged, type PixelTile, type TilePlace } from '../imaging/pyramid/image-view.ts'
import { countLevels, tileRegion } from '../imaging/pyramid/levels.ts'
import type { Project } from '../services/project.ts'

/** What a page sees of the images of a project: their facts and their pixels. Threads do the reading. */
export class ProjectPixels {
  readonly #project: Project
  readonly #workers: ImageWorkers

  constructor(project: Project, workers: ImageWorkers) {
    this.#project = project
    this.#workers = workers
  }

  /** @throws SegscopeError `image-unknown`, `image-changed`, and as `openImage` */
  async details(id: number, signal?: AbortSignal): Promise<ImageDetails> {
    const image = this.#require(id)
    const { path } = image
    const { info, fingerprint, statistics } = await this.#workers.run(
      'inspect',
      { path },
      { urgency: 'details', signal },
    )
    this.#followContent(image, fingerprint, info)
    const { pixelSize, ...facts } = info
    return {
      id,
      path,
      ...facts,
      ...(pixelSize !== undefined && { pixelSize }),
      fingerprint,
      levels: countLevels(info),
      statistics,
    }
  }

  /** undefined where the image has no such tile. @throws SegscopeError `image-unknown`, and as `openImage` */
  async tile(id: number, place: TilePlace, signal?: AbortSignal): Promise<PixelTile | undefined> {
    const image = this.#require(id)
    const { page, channel } = place
    if (page >= image.pages || channel >= image.channels || tileRegion(image, place) === undefined)
      return undefined
    return await this.#workers.run('read tile', { path: image.path, place }, { urgency: 'tile', signal })
  }

  /** A file that was written anew, such as with another compression, keeps its labels where its shape is the same. */
  #followContent(image: ImageRecord, fingerprint: string, info: Shape): void {
    if (shapeOf(image) !== shapeOf(info)) throw imageChanged(image.path)
    if (image.fingerprint !== fingerprint) this.#project.images.save({ ...image, fingerprint })
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
