import type { Layer, Network, NetworkPart } from './network.ts'

/** One named tensor of a network. */
export interface Parameter {
  /** `<scope>.kernel`, `.gamma`, `.beta`, `.bias`, `.moving_mean`, `.moving_variance` */
  name: string
  shape: readonly number[]
  part: NetworkPart
  role:
    | 'kernel'
    | 'depthwise-kernel'
    | 'transposed-kernel'
    | 'gamma'
    | 'beta'
    | 'bias'
    | 'moving-mean'
    | 'moving-variance'
  /** Moving statistics are kept, not trained. */
  trained: boolean
}

/** All parameters of a network, in the order of execution; layouts as PyTorch has them. */
export function listParameters(network: Network): Parameter[] {
  const channels = new Map([['input', network.inputChannels]])
  const parameters: Parameter[] = []
  for (const layer of network.layers) {
    parameters.push(...parametersOf(layer, channels.get(layer.inputs[0] as string) as number))
    channels.set(layer.name, layer.channels)
  }
  return parameters
}

function parametersOf(layer: Layer, inputChannels: number): Parameter[] {
  const { part } = layer
  if (layer.kind === 'convolution') {
    const size = layer.kernelSize
    return [
      layer.depthwise
        ? {
            name: `${layer.scope}.kernel`,
            shape: [layer.channels, 1, size, size],
            part,
            role: 'depthwise-kernel',
            trained: true,
          }
        : {
            name: `${layer.scope}.kernel`,
            shape: [layer.channels, inputChannels, size, size],
            part,
            role: 'kernel',
            trained: true,
          },
    ]
  }
  if (layer.kind === 'transposed-convolution') {
    const shape = [inputChannels, layer.channels, layer.kernelSize, layer.kernelSize]
    const kernel: Parameter = {
      name: `${layer.scope}.kernel`,
      shape,
      part,
      role: 'transposed-kernel',
      trained: true,
    }
    const bias: Parameter = {
      name: `${layer.scope}.bias`,
      shape: [layer.channels],
      part,
      role: 'bias',
      trained: true,
    }
    return layer.bias ? [kernel, bias] : [kernel]
  }
  if (layer.kind === 'batch-norm') {
    const shape = [layer.channels]
    return [
      { name: `${layer.scope}.gamma`, shape, part, role: 'gamma', trained: true },
      { name: `${layer.scope}.beta`, shape, part, role: 'beta', trained: true },
      { name: `${layer.scope}.moving_mean`, shape, part, role: 'moving-mean', trained: false },
      { name: `${layer.scope}.moving_variance`, shape, part, role: 'moving-variance', trained: false },
    ]
  }
  return []
}
