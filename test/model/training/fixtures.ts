import { createHash } from 'node:crypto'
import type { ImageSource, Region, Samples, SampleType } from '../../../src/model/images/image-source.ts'
import type { LabelMap } from '../../../src/model/images/label-map.ts'
import type { Augmentation, Plan } from '../../../src/model/plan/plan.ts'
import type { Batch, TrainingItem } from '../../../src/model/training/batch-source.ts'

/** A grey image in memory that remembers which regions were read. */
export class GreyImage implements ImageSource {
  readonly path = 'image.tif'
  readonly info: ImageSource['info']
  readonly regions: Region[] = []
  readonly samples: Samples

  constructor(width: number, height: number, samples: Samples, sampleType: SampleType = 'uint16') {
    this.samples = samples
    this.info = {
      width,
      height,
      channels: 1,
      pages: 1,
      sampleType,
      bitsPerSample: 16,
      pixelSize: undefined,
      format: 'TIFF',
    }
  }

  read(region: Region) {
    this.regions.push(region)
    const { width } = this.info
    const samples = Float32Array.from({ length: region.width * region.height }, (_, index) => {
      const x = region.x + (index % region.width)
      const y = region.y + Math.floor(index / region.width)
      return this.samples[y * width + x] as number
    })
    return Promise.resolve({ samples, channels: 1, width: region.width, height: region.height })
  }

  close() {
    return Promise.resolve()
  }
}

/** An image whose every pixel has its own value: `y * width + x`. */
export function numberedImage(width: number, height: number): GreyImage {
  return new GreyImage(
    width,
    height,
    Float32Array.from({ length: width * height }, (_, index) => index),
  )
}

export const noAugmentation: Augmentation = {
  flips: false,
  quarterTurns: false,
  scale: 1,
  shear: 0,
  elastic: 0,
  contrast: 0,
  brightness: 0,
  gamma: 0,
  noise: 0,
  blur: 0,
}

export const fullAugmentation: Augmentation = {
  flips: true,
  quarterTurns: true,
  scale: 1.4,
  shear: 0.15,
  elastic: 2,
  contrast: 0.3,
  brightness: 0.2,
  gamma: 0.3,
  noise: 0.1,
  blur: 1,
}

/** A plan for grey images whose values -1 to 1 are kept as they are. */
export function planWith(changes: Partial<Plan>): Plan {
  return {
    version: 1,
    network: {
      encoder: 'mobilenet-v2',
      alpha: 1,
      decoder: 'pix2pix',
      inputChannels: 1,
      classes: 3,
      dropout: 0,
    },
    classNames: ['background', 'colony', 'debris'],
    normalisation: { channels: [{ low: -1, high: 1 }], scope: 'data set' },
    patchSize: 64,
    batchSize: 8,
    imageScale: 1,
    classSampling: [0, 0.25, 0.25],
    classWeights: [1, 1, 1],
    diceWeight: 0,
    augmentation: noAugmentation,
    freezeEncoder: false,
    batchNorm: 'batch',
    batchNormMomentum: 0.1,
    steps: 100,
    schedule: { peakLearningRate: 1e-3, warmUpSteps: 10 },
    optimiser: { weightDecay: 0, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: 1 },
    averageDecay: 0,
    validation: { everySteps: 50, patience: 5 },
    seed: 7,
    decisions: {},
    ...changes,
  }
}

export function itemOf(image: ImageSource, labels: LabelMap): TrainingItem {
  return { image, labelPath: 'labels.png', readLabels: () => Promise.resolve(labels) }
}

/** A batch with its pixels and labels as checksums: hundreds of thousands of values compare slowly one by one. */
export function digestBatch({ images, labels, dropoutSeed }: Batch) {
  const digest = (values: NodeJS.ArrayBufferView) => createHash('sha256').update(values).digest('hex')
  return { ...images, data: digest(images.data), labels: digest(labels), dropoutSeed }
}
