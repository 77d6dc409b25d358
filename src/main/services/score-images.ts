import { memoryLeft } from '../../model/engine/compute-limits.ts'
import type { Predictor } from '../../model/engine/engine.ts'
import { CancelledError, SegscopeError } from '../../model/errors.ts'
import type { ImageSource } from '../../model/images/image-source.ts'
import { type LabelMap, UNLABELLED } from '../../model/images/label-map.ts'
import type { Network } from '../../model/network/network.ts'
import type { Plan } from '../../model/plan/plan.ts'
import type { Band } from '../../model/prediction/band.ts'
import { chooseTiling, predictImage, prepareImage } from '../../model/prediction/predict-image.ts'
import type { Scores } from '../../model/training/events.ts'
import { ConfusionMatrix } from '../../model/training/metrics.ts'
import { openImage } from '../imaging/open-image.ts'

export interface ImageToScore {
  path: string
  labelPath: string
  readLabels(): Promise<LabelMap>
}

export interface ScoreOptions {
  predictor: Predictor
  network: Network
  plan: Pick<Plan, 'normalisation' | 'imageScale'>
  /** Test-time flips: the mean over the image and its mirror images. */
  flips: boolean
  signal: AbortSignal
  /** Called before each image. */
  onImage?: (index: number) => void
  /** What is predicted, from top to bottom. Bands carry probabilities. */
  onBand?: (path: string, size: { width: number; height: number }, band: Band) => void
  /** All that is predicted of an image, before it counts. */
  onPrediction?: (image: ImageSource, labels: LabelMap, predicted: LabelMap) => Promise<void>
  /** A file that cannot be scored, while the others are; without it the error ends the work. */
  onFailure?: (path: string, error: SegscopeError) => void
}

/** Smallest probability in the loss: a pixel that is surely wrong must not make it infinite. */
const smallestProbability = 1e-7

/**
 * Compares predictions with labels, pooled over the labelled pixels of all images: Dice and IoU by class, and the mean
 * cross-entropy.
 * @throws SegscopeError `label-size-mismatch`, or where a file cannot be read; CancelledError
 */
export async function scoreImages(
  images: readonly ImageToScore[],
  options: ScoreOptions,
): Promise<{ loss: number; scores: Scores }> {
  const total = new Tally(options.network.classes)
  for (const [index, image] of images.entries()) {
    options.onImage?.(index)
    try {
      total.add(await scoreImage(image, options))
    } catch (thrown) {
      const goesOn = thrown instanceof SegscopeError && !(thrown instanceof CancelledError)
      if (options.onFailure === undefined || !goesOn) throw thrown
      options.onFailure(image.path, thrown)
    }
  }
  return { loss: total.loss / total.pixels, scores: total.matrix.scores() }
}

/** What has been counted; an image counts whole or not at all. */
class Tally {
  readonly matrix: ConfusionMatrix
  loss = 0
  pixels = 0

  constructor(classes: number) {
    this.matrix = new ConfusionMatrix(classes)
  }

  addBand(labels: Uint8Array, band: Band): void {
    this.matrix.add(labels, band.labels)
    for (let pixel = 0; pixel < labels.length; pixel++) {
      const label = labels[pixel] as number
      if (label === UNLABELLED) continue
      const probability = band.probabilities?.[label]?.[pixel] ?? 0
      this.loss -= Math.log(Math.max(probability, smallestProbability))
      this.pixels++
    }
  }

  add(other: Tally): void {
    other.matrix.counts.forEach((count, cell) => {
      this.matrix.counts[cell] = (this.matrix.counts[cell] as number) + count
    })
    this.loss += other.loss
    this.pixels += other.pixels
  }
}

async function scoreImage(image: ImageToScore, options: ScoreOptions): Promise<Tally> {
  const { predictor, network, plan, flips, signal } = options
  const { normalisation, imageScale } = plan
  const tally = new Tally(network.classes)
  const labels = await image.readLabels()
  const source = await openImage(image.path)
  try {
    checkSizes(source, labels, image.labelPath)
    const prepared = await prepareImage(source, 0, {
      network,
      normalisation,
      imageScale,
      tiling: chooseTiling(memoryLeft()),
    })
    const predicted = options.onPrediction && { ...labels, values: new Uint8Array(labels.values.length) }
    for await (const band of predictImage(predictor, prepared, { flips, probabilities: true, signal })) {
      options.onBand?.(image.path, labels, band)
      const start = band.y * labels.width
      predicted?.values.set(band.labels, start)
      tally.addBand(labels.values.subarray(start, start + band.height * labels.width), band)
    }
    if (predicted !== undefined) await options.onPrediction?.(source, labels, predicted)
  } finally {
    await source.close()
  }
  return tally
}

function checkSizes(source: ImageSource, labels: LabelMap, labelPath: string): void {
  const { width, height } = source.info
  if (labels.width === width && labels.height === height) return
  throw new SegscopeError(
    'label-size-mismatch',
    `The label map has ${labels.width}x${labels.height} pixels, its image ${source.path} has ${width}x${height}.`,
    { file: labelPath, remedy: 'Labels must have the size of their image.' },
  )
}
