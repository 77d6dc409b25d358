import { UNLABELLED } from '../../model/images/label-map.ts'
import { PREDICTION_TILE_SIZE } from '../../preload/contract/addresses.ts'
import { learntAddress } from '../../preload/contract/image-address.ts'
import type { Plane } from '../../preload/contract/labels.ts'
import type { PredictionTile } from '../../preload/contract/prediction-tiles.ts'
import { networkClassValues } from './network-class-values.ts'
import type { Project } from './project.ts'
import type { TrainingPreview } from './training-previewer.ts'

const SIZE = PREDICTION_TILE_SIZE

interface ShownTraining {
  experiment: string
  choose: (path: string) => void
  last: { preview: TrainingPreview; plane: Plane } | undefined
}

/** The last preview of each training at work, for pages to look at. */
export class TrainingPreviews {
  readonly #project: Project
  /** By job. */
  readonly #trainings = new Map<number, ShownTraining>()

  constructor(project: Project) {
    this.#project = project
  }

  /** @param choose tells the training of which image previews are wanted */
  begin(job: number, experiment: string, choose: (path: string) => void): void {
    this.#trainings.set(job, { experiment, choose, last: undefined })
  }

  /** Nothing is shown of it any more. */
  end(job: number): void {
    this.#trainings.delete(job)
  }

  /** @returns which plane it is of, where it still belongs to the experiment */
  keep(job: number, preview: TrainingPreview): Plane | undefined {
    const training = this.#trainings.get(job)
    if (training === undefined) return undefined
    const used = this.#project.experiments
      .images(training.experiment)
      .find(({ path, page }) => learntAddress(path, page) === preview.path)
    const plane = used && { image: used.image, page: used.page }
    training.last = plane && { preview, plane }
    return plane
  }

  /** A training that has ended, or does not know the image, goes on as before. */
  choose(job: number, { image, page }: Plane): void {
    const training = this.#trainings.get(job)
    if (training === undefined) return
    const { experiments } = this.#project
    const used = experiments
      .images(training.experiment)
      .find((each) => each.image === image && each.page === page)
    if (used !== undefined) training.choose(learntAddress(used.path, page))
  }

  /**
   * @param which preview: one that another has taken the place of is gone
   * @returns undefined where the image has no such tile
   */
  tile(
    job: number,
    which: Plane & { step: number },
    { column, row }: { column: number; row: number },
  ): PredictionTile | 'gone' | undefined {
    const training = this.#trainings.get(job)
    const last = training?.last
    if (
      training === undefined ||
      last?.plane.image !== which.image ||
      last.plane.page !== which.page ||
      last.preview.step !== which.step
    ) {
      return 'gone'
    }
    const image = this.#project.images.find(which.image)
    if (image === undefined || column * SIZE >= image.width || row * SIZE >= image.height) return undefined
    const { plan } = this.#project.experiments.get(training.experiment)
    const valueOf = networkClassValues(this.#project, { experiment: training.experiment }, plan.classNames)
    return cutTile(last.preview, { x: column * SIZE, y: row * SIZE }, image, valueOf)
  }
}

function cutTile(
  preview: TrainingPreview,
  at: { x: number; y: number },
  image: { width: number; height: number },
  valueOf: readonly number[],
): PredictionTile {
  const width = Math.min(SIZE, image.width - at.x)
  const height = Math.min(SIZE, image.height - at.y)
  const values = new Uint8Array(width * height).fill(UNLABELLED)
  const uncertainty = new Uint8Array(width * height)
  const left = Math.max(at.x, preview.x)
  const right = Math.min(at.x + width, preview.x + preview.width)
  const bottom = Math.min(at.y + height, preview.y + preview.height)
  for (let y = Math.max(at.y, preview.y); y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const from = (y - preview.y) * preview.width + x - preview.x
      const to = (y - at.y) * width + x - at.x
      values[to] = valueOf[preview.classes[from] as number] ?? UNLABELLED
      uncertainty[to] = preview.uncertainty[from] as number
    }
  }
  return { width, height, values, uncertainty }
}
