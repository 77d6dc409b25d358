import type { DecoderDefinition } from './decoder.ts'

/** A quarter of Pix2Pix's channels: for quick looks, and for machines where the full decoder is too slow. */
export const slim: DecoderDefinition = {
  name: 'slim',
  channels: [128, 64, 32, 16],
  dropoutStages: 2,
  batchNormEpsilon: 1e-3,
}
