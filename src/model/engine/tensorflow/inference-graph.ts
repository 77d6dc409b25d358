import type { Network } from '../../network/network.ts'
import type { NamedTensors } from '../../weights/tensor.ts'
import { GraphBuilder } from './graph-builder.ts'
import { addInferenceLayers } from './inference-layers.ts'
import type { GraphNode } from './saved-model.ts'

export interface InferenceGraph {
  nodes: readonly GraphNode[]
  /** Placeholders of shapes, `[4]`, that a run must give: by what the input's extent is multiplied, and the channels. */
  shapes: readonly { name: string; factor: number; channels: number }[]
}

/**
 * The network for prediction, for inputs of any size: `image` `[batch, channels, height, width]` to `output` `[batch, classes, height,
 * width]`.
 */
export function buildInferenceGraph(
  network: Network,
  weights: NamedTensors,
  output: 'logits' | 'probabilities',
): InferenceGraph {
  const builder = new GraphBuilder()
  const image = builder.placeholder('image', [-1, network.inputChannels, -1, -1])
  const factors = extentFactors(network)
  const shapes: { name: string; factor: number; channels: number }[] = []
  const values = addInferenceLayers(
    builder,
    network,
    network.layers,
    weights,
    builder.transpose(image, [0, 2, 3, 1]),
    (layer) => {
      const name = `shape_${shapes.length}`
      shapes.push({ name, factor: factors.get(layer.name) as number, channels: layer.channels })
      return builder.placeholder(name, [4], 'int32')
    },
  )
  const logits = values.get(network.output) as string
  const result = output === 'logits' ? logits : builder.node('Softmax', [logits], { T: { type: 'float' } })
  builder.output('output', builder.transpose(result, [0, 3, 1, 2]))
  return { nodes: builder.nodes, shapes }
}

/** The extent of each layer's output as a share of the input's. */
export function extentFactors(network: Network): Map<string, number> {
  const factors = new Map([['input', 1]])
  for (const layer of network.layers) {
    const factor = factors.get(layer.inputs[0] as string) as number
    if (layer.kind === 'convolution') factors.set(layer.name, factor / layer.stride)
    else if (layer.kind === 'transposed-convolution') factors.set(layer.name, factor * layer.stride)
    else factors.set(layer.name, factor)
  }
  return factors
}
