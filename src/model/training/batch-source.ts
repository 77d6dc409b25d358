import type { ImageBatch } from '../engine/engine.ts'
import { SegscopeError } from '../errors.ts'
import { adaptChannels } from '../images/adapt-channels.ts'
import type { ImageSource } from '../images/image-source.ts'
import type { LabelMap } from '../images/label-map.ts'
import { type ChannelRange, normaliseRaster, rangesForImage } from '../images/normalise.ts'
import type { Plan } from '../plan/plan.ts'
import { RandomGenerator } from '../random.ts'
import { drawGeometry } from './augmentation/geometry.ts'
import { augmentIntensity } from './augmentation/intensity.ts'
import { neededRegion, resampleImage, resampleLabels } from './augmentation/resample.ts'
import { indexLabels } from './label-index.ts'
import { type Anchor, PatchSampler } from './sampler.ts'

/** An image to train on, both image and labels at the plan's scale. */
export interface TrainingItem {
  image: ImageSource
  labelPath: string
  /** Called once at the start and once for each patch: keeps the map where memory allows. */
  readLabels: () => Promise<LabelMap>
}

/** What a training step learns from. */
export interface Batch {
  images: ImageBatch
  /** `[batch, height, width]`: classes, or UNLABELLED. */
  labels: Uint8Array<ArrayBuffer>
  dropoutSeed: number
}

/** Makes the batch of any step. */
export interface BatchMaker {
  /**
   * The batch depends on the plan, its seed and the step, not on the batches made before: a run that is resumed gets
   * the same ones, and they can be made ahead.
   * @param step counted from 0
   * @throws SegscopeError where a file cannot be read
   */
  make(step: number): Promise<Batch>
}

/** Labelled pixels remembered of each class in each image: many more than are ever drawn. */
const mostPositions = 200_000
/** Over all images: 64 MiB. */
const positionsOfAll = 2 ** 24

/**
 * Reads all labels and prepares to make batches from them.
 * @throws SegscopeError `label-size-mismatch`, `label-value-unknown`, `nothing-labelled`, or where a file cannot be read
 */
export async function createBatchMaker(items: readonly TrainingItem[], plan: Plan): Promise<BatchMaker> {
  const { classes } = plan.network
  const limit = Math.min(mostPositions, Math.ceil(positionsOfAll / (items.length * classes)))
  const indexes = []
  for (const { image, labelPath, readLabels } of items) {
    const labels = await readLabels()
    const { width, height } = image.info
    if (labels.width !== width || labels.height !== height) {
      throw new SegscopeError(
        'label-size-mismatch',
        `The label map has ${String(labels.width)}x${String(labels.height)} pixels, its image ${image.path} has ${String(width)}x${String(height)}.`,
        { file: labelPath, remedy: 'Labels must have the size of their image.' },
      )
    }
    indexes.push(indexLabels(labels, classes, limit, labelPath))
  }
  return new PlannedBatchMaker(items, new PatchSampler(indexes, plan.classSampling), plan)
}

class PlannedBatchMaker implements BatchMaker {
  readonly #items: readonly TrainingItem[]
  readonly #sampler: PatchSampler
  readonly #plan: Plan
  readonly #ranges = new Map<ImageSource, ChannelRange[]>()

  constructor(items: readonly TrainingItem[], sampler: PatchSampler, plan: Plan) {
    this.#items = items
    this.#sampler = sampler
    this.#plan = plan
  }

  async make(step: number): Promise<Batch> {
    const { patchSize: side, batchSize: batch, network } = this.#plan
    const channels = network.inputChannels
    const random = new RandomGenerator(seedOfStep(this.#plan.seed, step))
    const dropoutSeed = random.nextSeed()
    const data = new Float32Array(batch * channels * side * side)
    const labels = new Uint8Array(batch * side * side)
    const anchors = this.#sampler.draw(batch, random)
    for (const [index, anchor] of anchors.entries()) {
      const patch = data.subarray(index * channels * side * side, (index + 1) * channels * side * side)
      await this.#fill(anchor, patch, labels.subarray(index * side * side, (index + 1) * side * side), random)
    }
    return { images: { data, batch, channels, height: side, width: side }, labels, dropoutSeed }
  }

  async #fill(
    anchor: Anchor,
    patch: Float32Array,
    labels: Uint8Array,
    random: RandomGenerator,
  ): Promise<void> {
    const { patchSize, network, augmentation } = this.#plan
    const { image, readLabels } = this.#items[anchor.image] as TrainingItem
    const geometry = drawGeometry(patchSize, anchor, image.info, augmentation, random)
    const region = neededRegion(geometry, image.info)
    const raster = adaptChannels(await image.read(region), network.inputChannels, image.path)
    const pixels = normaliseRaster(raster, await this.#rangesOf(image))
    resampleImage(pixels, region, image.info, geometry, patch)
    resampleLabels(await readLabels(), geometry, labels)
    augmentIntensity(patch, patchSize, augmentation, random)
  }

  async #rangesOf(image: ImageSource): Promise<ChannelRange[]> {
    const known = this.#ranges.get(image)
    if (known !== undefined) return known
    const ranges = await rangesForImage(image, this.#plan.normalisation, this.#plan.network.inputChannels)
    this.#ranges.set(image, ranges)
    return ranges
  }
}

/** Mixes seed and step, so that neighbouring steps have unrelated chance (MurmurHash3's finaliser). */
function seedOfStep(seed: number, step: number): number {
  let mixed = Math.imul(seed, 0x9e3779b1) ^ step
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
