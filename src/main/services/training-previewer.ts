import { memoryLeft } from '../../model/engine/compute-limits.ts'
import type { Predictor } from '../../model/engine/engine.ts'
import type { Network } from '../../model/network/network.ts'
import type { Plan } from '../../model/plan/plan.ts'
import type { Band } from '../../model/prediction/band.ts'
import { chooseTiling, predictImage, prepareImage } from '../../model/prediction/predict-image.ts'
import { openImage } from '../imaging/open-image.ts'
import { PreviewPart, type PreviewRegion } from './preview-part.ts'

/** What the network made of an image, or of the middle of a large one, after a step of its training. */
export interface TrainingPreview extends PreviewRegion {
  path: string
  step: number
}

/** Share of the time of training that may go to looks between validations, whose own predictions cost nothing more. */
const shareOfTime = 0.02
/** A person who chooses another image waits for one look at it; what takes longer comes with the next validation. */
const longestAnswerMilliseconds = 3000

/**
 * Shows how the network learns, on one image at a time: what each validation predicts of it, and, where a prediction is quick
 * against the time that has passed, looks in between. Changes nothing of the training.
 */
export class TrainingPreviewer {
  readonly #network: Network
  readonly #plan: Pick<Plan, 'normalisation' | 'imageScale'>
  readonly #show: (preview: TrainingPreview) => void
  readonly #paths: ReadonlySet<string>
  #path: string
  /** A person has chosen another image, and not seen it yet. */
  #isAwaited = false
  #shownStep = -1
  /** `performance.now()` when the last look ended. */
  #lastLook = performance.now()
  /** Of one pixel, as last measured; nothing is looked at before that. */
  #millisecondsPerPixel: number | undefined
  readonly #pixels = new Map<string, number>()

  /** @param paths of the images that can be shown: the first one is, until another is chosen */
  constructor(
    network: Network,
    plan: Pick<Plan, 'normalisation' | 'imageScale'>,
    paths: readonly [string, ...string[]],
    show: (preview: TrainingPreview) => void,
  ) {
    this.#network = network
    this.#plan = plan
    this.#paths = new Set(paths)
    this.#path = paths[0]
    this.#show = show
  }

  /** From now on this one is shown; one that is not among the images is ignored. */
  choose(path: string): void {
    if (!this.#paths.has(path) || path === this.#path) return
    this.#path = path
    this.#isAwaited = true
  }

  /** Takes its preview from a validation's own predictions. @returns what is to be told of each band */
  duringValidation(step: number): (path: string, size: Size, band: Band) => void {
    const wanted = this.#path
    const began = performance.now()
    let pixels = 0
    let part: PreviewPart | undefined
    return (path, size, band) => {
      pixels += size.width * band.height
      this.#millisecondsPerPixel = (performance.now() - began) / pixels
      this.#pixels.set(path, size.width * size.height)
      if (path !== wanted) return
      part ??= new PreviewPart(size)
      part.add(band)
      if (band.y + band.height === size.height) this.#tell(path, step, part)
    }
  }

  /**
   * A look between validations, where it is cheap.
   * @throws SegscopeError where the image cannot be read or the engine fails, as the next validation would
   */
  async afterSteps(step: number, createPredictor: () => Promise<Predictor>): Promise<void> {
    if (!this.#isWorthIt(step)) return
    const path = this.#path
    const began = performance.now()
    const predictor = await createPredictor()
    try {
      const source = await openImage(path)
      try {
        const prepared = await prepareImage(source, 0, {
          network: this.#network,
          normalisation: this.#plan.normalisation,
          imageScale: this.#plan.imageScale,
          tiling: chooseTiling(memoryLeft()),
        })
        const part = new PreviewPart(prepared)
        for await (const band of predictImage(predictor, prepared, { flips: false, probabilities: true })) {
          part.add(band)
        }
        this.#tell(path, step, part)
      } finally {
        await source.close()
      }
    } finally {
      await predictor.dispose()
    }
    this.#millisecondsPerPixel = (performance.now() - began) / (this.#pixels.get(path) ?? Infinity)
  }

  #isWorthIt(step: number): boolean {
    const pixels = this.#pixels.get(this.#path)
    if (pixels === undefined || this.#millisecondsPerPixel === undefined || step === this.#shownStep)
      return false
    const cost = this.#millisecondsPerPixel * pixels
    if (this.#isAwaited && cost <= longestAnswerMilliseconds) return true
    return cost <= shareOfTime * (performance.now() - this.#lastLook)
  }

  #tell(path: string, step: number, part: PreviewPart): void {
    this.#lastLook = performance.now()
    this.#shownStep = step
    if (path === this.#path) this.#isAwaited = false
    this.#show({ path, step, ...part.region })
  }
}

interface Size {
  width: number
  height: number
}
