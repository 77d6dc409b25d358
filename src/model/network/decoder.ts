import type { LayerList } from './layer-list.ts'
import type { FeatureTap } from './network.ts'

/** A decoder of upsampling stages, as data: each doubles the size and then takes the next finer tap. */
export interface DecoderDefinition {
  name: string
  /** Channels of each stage's upsampling, from the bottom up; one stage for each tap but the bottom. */
  channels: readonly number[]
  /** How many stages, from the bottom up, have dropout. */
  dropoutStages: number
  batchNormEpsilon: number
}

/**
 * Adds the decoder's layers: a stage is transposed convolution, batch norm, dropout, ReLU, and the skip
 * concatenated behind it; the head is a transposed convolution with bias.
 * @param taps from fine to coarse, the last one being the bottom
 * @param dropout rate; 0 leaves the dropout layers out
 * @returns the name of the layer that gives the logits
 * @throws Error where the stages do not fit the taps
 */
export function addDecoder(
  layers: LayerList,
  definition: DecoderDefinition,
  taps: readonly FeatureTap[],
  classes: number,
  dropout: number,
): string {
  const [bottom, ...skips] = [...taps].reverse()
  if (bottom === undefined || skips.length !== definition.channels.length) {
    throw new Error(
      `Decoder ${definition.name} has ${definition.channels.length} stages, but the encoder has ${skips.length} skips.`,
    )
  }
  let current = bottom.layer
  definition.channels.forEach((channels, stage) => {
    const scope = `decoder_${stage}`
    current = layers.transposedConvolution(scope, current, channels, false)
    current = layers.batchNorm(scope, current, definition.batchNormEpsilon)
    if (dropout > 0 && stage < definition.dropoutStages) current = layers.dropout(scope, current, dropout)
    current = layers.activation('relu', scope, current)
    current = layers.concatenate(scope, [current, (skips[stage] as FeatureTap).layer])
  })
  return layers.transposedConvolution('head', current, classes, true)
}
