import type { DecoderDefinition } from './decoder.ts'

/**
 * The upsampling half of Pix2Pix's generator (Isola et al. 2017) as TensorFlow's segmentation tutorial and the
 * article use it. Dropout stands in the two coarsest stages, where the features are global enough to spare some.
 */
export const pix2pix: DecoderDefinition = {
  name: 'pix2pix',
  channels: [512, 256, 128, 64],
  dropoutStages: 2,
  batchNormEpsilon: 1e-3,
}
