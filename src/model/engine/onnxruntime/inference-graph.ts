import type { Network } from '../../network/network.ts'
import type { NamedTensors } from '../../weights/tensor.ts'
import { GraphBuilder, type Value } from './graph-builder.ts'
import { addInferenceLayers } from './inference-layers.ts'
import type { OnnxGraph } from './onnx-model.ts'

/**
 * The network for prediction, of any batch, height and width (multiples of `network.stride`): input `image`,
 * `[batch, channels, height, width]`; output `logits` or `probabilities`, `[batch, classes, height, width]`.
 * @param taps whether the encoder's feature taps are outputs too, under their layers' names
 */
export function buildInferenceGraph(
  network: Network,
  weights: NamedTensors,
  output: 'logits' | 'probabilities',
  taps = false,
): OnnxGraph {
  const builder = new GraphBuilder()
  const image = builder.input('image', ['batch', network.inputChannels, 'height', 'width'])
  const values = addInferenceLayers(builder, network, network.layers, weights, image)
  const logits = values.get(network.output) as Value
  const result = output === 'logits' ? logits : builder.node('Softmax', [logits], [], { axis: { int: 1 } })
  builder.output(output, result, ['batch', network.classes, 'height', 'width'])
  if (taps) {
    for (const tap of network.taps) {
      builder.output(tap.layer, values.get(tap.layer) as Value, ['batch', tap.channels, 'rows', 'columns'])
    }
  }
  return builder.finish('segscope')
}
