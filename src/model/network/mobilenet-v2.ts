import type { EncoderDefinition } from './encoder.ts'

/**
 * MobileNetV2 (Sandler et al. 2018, table 2) as Keras builds it, without the 1280-channel top.
 * Taps are the ReLU6 outputs of the expansions of blocks 1, 3, 6 and 13, and the bottom is block 16.
 */
export const mobileNetV2: EncoderDefinition = {
  name: 'mobilenet-v2',
  stemChannels: 32,
  stages: [
    { expansion: 1, channels: 16, repeats: 1, stride: 1 },
    { expansion: 6, channels: 24, repeats: 2, stride: 2 },
    { expansion: 6, channels: 32, repeats: 3, stride: 2 },
    { expansion: 6, channels: 64, repeats: 4, stride: 2 },
    { expansion: 6, channels: 96, repeats: 3, stride: 1 },
    { expansion: 6, channels: 160, repeats: 3, stride: 2 },
    { expansion: 6, channels: 320, repeats: 1, stride: 1 },
  ],
  tappedBlocks: [1, 3, 6, 13],
  batchNormEpsilon: 1e-3,
}
