import { SegscopeError } from '../errors.ts'
import { addDecoder, type DecoderDefinition } from './decoder.ts'
import { addEncoder, type EncoderDefinition } from './encoder.ts'
import { LayerList } from './layer-list.ts'
import { mobileNetV2 } from './mobilenet-v2.ts'
import type { Network, NetworkDescription } from './network.ts'
import { pix2pix } from './pix2pix.ts'
import { slim } from './slim.ts'

/** Every encoder that a plan or a checkpoint may name. */
export const encoders: readonly EncoderDefinition[] = [mobileNetV2]
/** Every decoder that a plan or a checkpoint may name. */
export const decoders: readonly DecoderDefinition[] = [pix2pix, slim]

/**
 * Builds a U-Net from its description.
 * @throws SegscopeError `unknown-network` where this version knows no such encoder or decoder
 */
export function buildNetwork(description: NetworkDescription): Network {
  const encoder = find(encoders, 'encoder', description.encoder)
  const decoder = find(decoders, 'decoder', description.decoder)
  const channels = new Map([['input', description.inputChannels]])
  const encoderLayers = new LayerList('encoder', channels)
  const taps = addEncoder(encoderLayers, encoder, description.alpha)
  const decoderLayers = new LayerList('decoder', channels)
  const output = addDecoder(decoderLayers, decoder, taps, description.classes, description.dropout)
  return {
    description,
    inputChannels: description.inputChannels,
    classes: description.classes,
    stride: Math.max(...taps.map((tap) => tap.reduction)),
    layers: [...encoderLayers.layers, ...decoderLayers.layers],
    output,
    taps,
  }
}

function find<Definition extends { name: string }>(
  known: readonly Definition[],
  what: string,
  name: string,
): Definition {
  const definition = known.find((candidate) => candidate.name === name)
  if (definition === undefined) {
    throw new SegscopeError(
      'unknown-network',
      `This version of Segscope has no ${what} called "${name}" (it has ${known.map((candidate) => candidate.name).join(', ')}).`,
      { remedy: 'Update Segscope, or choose another checkpoint.' },
    )
  }
  return definition
}
