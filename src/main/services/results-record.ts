import { join } from 'node:path'
import { SegscopeError } from '../../model/errors.ts'
import type { NewResultImage, ResultState } from '../database/repositories/results.ts'
import type { SegmentationOrder } from '../compute/segmentation-messages.ts'
import type { Project } from './project.ts'
import type { SegmentationEvent } from './segmentation-events.ts'

/** A transaction waits for the disk: a fast run's images share one. */
const MILLISECONDS_TO_GATHER = 300

/** Keeps what a segmentation makes, image by image, so that it is known also where the run dies. */
export class ResultRecord {
  readonly id: number
  readonly #project: Project
  readonly #order: SegmentationOrder
  #gathered: NewResultImage[] = []
  #timer: NodeJS.Timeout | undefined
  #isEnded = false

  /** @param request what was asked for, as JSON */
  constructor(
    project: Project,
    order: SegmentationOrder,
    kept: { checkpoint: string; classNames: readonly string[]; request: string },
  ) {
    this.#project = project
    this.#order = order
    this.id = project.results.begin({ ...kept, outFolder: order.outFolder, total: order.images.length })
  }

  take(event: SegmentationEvent): void {
    if (this.#isEnded || (event.kind !== 'image-done' && event.kind !== 'skipped')) return
    const { imagesFolder, outFolder } = this.#order
    this.#gathered.push({
      path: join(imagesFolder, event.file),
      labels: join(outFolder, event.output),
      made: event.kind === 'image-done',
    })
    this.#timer ??= setTimeout(() => this.#trySaving(), MILLISECONDS_TO_GATHER)
  }

  end(state: Exclude<ResultState, 'running'>): void {
    if (this.#isEnded) return
    this.#save()
    this.#project.results.setState(this.id, state)
    this.#isEnded = true
  }

  /** The project is closed or lost: it finds what it has when it opens again. */
  abandon(): void {
    clearTimeout(this.#timer)
    this.#isEnded = true
  }

  /** What cannot be written now, as on a full disk, is written with what comes next, or in the end. */
  #trySaving(): void {
    try {
      this.#save()
    } catch (thrown) {
      if (!(thrown instanceof SegscopeError)) throw thrown
    }
  }

  #save(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#project.results.addImages(this.id, this.#gathered)
    this.#gathered = []
  }
}
