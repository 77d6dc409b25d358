import type { Plan } from '../../src/model/plan/plan.ts'
import { planSchema } from '../../src/model/plan/plan.ts'

/** A plan that the schema accepts; its values mean nothing. */
export const examplePlan: Plan = planSchema.parse({
  version: 1,
  network: {
    encoder: 'mobilenet-v2',
    alpha: 1,
    decoder: 'pix2pix',
    inputChannels: 1,
    classes: 3,
    dropout: 0.5,
  },
  classNames: ['background', 'colony', 'debris'],
  normalisation: { channels: [{ low: 100, high: 4095 }], scope: 'data set' },
  patchSize: 128,
  batchSize: 8,
  imageScale: 1,
  classSampling: [0.2, 0.4, 0.2],
  classWeights: [1, 1, 4],
  augmentation: {
    flips: true,
    quarterTurns: true,
    scale: 1.2,
    shear: 0,
    elastic: 2,
    contrast: 0.2,
    brightness: 0.2,
    gamma: 0.2,
    noise: 0.05,
    blur: 1,
  },
  freezeEncoder: false,
  batchNorm: 'batch',
  batchNormMomentum: 0.1,
  steps: 300,
  schedule: { peakLearningRate: 0.001, warmUpSteps: 20 },
  optimiser: { weightDecay: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clipNorm: 1 },
  averageDecay: 0.99,
  validation: { everySteps: 50, patience: 5 },
  seed: 7,
  decisions: { patchSize: { decision: '128 pixels', reason: 'colonies are 40 pixels wide' } },
})
