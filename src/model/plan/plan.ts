import { z } from 'zod'

/** One decision of the plan, in words: what was decided and why, shown to the user. */
const decision = z.object({ decision: z.string(), reason: z.string() })

const normalisation = z.object({
  /** One entry a channel: values at these two ends become -1 and 1 (`2 * (v - low) / (high - low) - 1`), clipped to ±3. */
  channels: z.array(z.object({ low: z.number(), high: z.number() })),
  /** 'data set': `channels` for every image; 'image': each image's own robust range takes their place. */
  scope: z.enum(['data set', 'image']),
})

const augmentation = z.object({
  flips: z.boolean(),
  quarterTurns: z.boolean(),
  /** Zoom is drawn log-uniformly from [1 / scale, scale]. */
  scale: z.number().min(1),
  /** Largest shear, as the tangent of its angle. */
  shear: z.number().min(0),
  /** Standard deviation of the elastic displacement, in pixels. */
  elastic: z.number().min(0),
  /** Largest change of contrast, as a factor is drawn from [1 - contrast, 1 + contrast]. */
  contrast: z.number().min(0),
  /** Largest change of brightness, in normalised units. */
  brightness: z.number().min(0),
  /** Largest change of gamma, as a factor on the exponent. */
  gamma: z.number().min(0),
  /** Largest standard deviation of added Gaussian noise, in normalised units. */
  noise: z.number().min(0),
  /** Largest standard deviation of a Gaussian blur, in pixels. */
  blur: z.number().min(0),
})

/**
 * All that training does, decided before it starts: JSON, kept in the database and in every checkpoint.
 * `decisions` explains the rest, one entry a topic, for people.
 */
export const planSchema = z.object({
  version: z.literal(1),
  network: z.object({
    encoder: z.string(),
    alpha: z.number().positive(),
    decoder: z.string(),
    inputChannels: z.int().positive(),
    classes: z.int().min(2).max(255),
    dropout: z.number().min(0).max(0.9),
  }),
  /** Names by class value. */
  classNames: z.array(z.string()),
  normalisation,
  /** Height and width of the training patches, in pixels of the resampled image; a multiple of 32. */
  patchSize: z.int().positive(),
  batchSize: z.int().positive(),
  /** Images are resampled by this factor before the network sees them; 1 where nothing speaks for another. */
  imageScale: z.number().positive(),
  /** Share of patches centred on a labelled pixel of each class; the rest are drawn from all labelled pixels. */
  classSampling: z.array(z.number().min(0)),
  /** Weights in the loss, by class. */
  classWeights: z.array(z.number().min(0)),
  /** Weight of soft Dice beside the cross-entropy. Plans made before there was one have none. */
  diceWeight: z.number().min(0).default(0),
  augmentation,
  freezeEncoder: z.boolean(),
  batchNorm: z.enum(['batch', 'frozen']),
  batchNormMomentum: z.number().min(0).max(1),
  steps: z.int().positive(),
  /** Learning rate at step s: linear warm-up, then a cosine from the peak to a hundredth of it at `steps`. */
  schedule: z.object({ peakLearningRate: z.number().positive(), warmUpSteps: z.int().min(0) }),
  optimiser: z.object({
    weightDecay: z.number().min(0),
    beta1: z.number(),
    beta2: z.number(),
    epsilon: z.number().positive(),
    clipNorm: z.number().positive(),
  }),
  /** Share of the weights' exponential moving average that is kept each step; 0: the weights themselves are used. */
  averageDecay: z.number().min(0).max(1),
  validation: z.object({
    /** Steps between two looks at the validation images. */
    everySteps: z.int().positive(),
    /** Validations without a better score after which training stops. */
    patience: z.int().positive(),
  }),
  seed: z.int(),
  decisions: z.record(z.string(), decision),
})

export type Plan = z.infer<typeof planSchema>
export type Normalisation = Plan['normalisation']
export type Augmentation = Plan['augmentation']
