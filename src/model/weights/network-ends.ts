import type { Network } from '../network/network.ts'

/** The name of the one kernel whose shape depends on the number of the image's channels: the stem's. */
export function stemKernelName(network: Network): string {
  for (const layer of network.layers) {
    if (layer.kind === 'convolution' && layer.inputs.includes('input')) return `${layer.scope}.kernel`
  }
  throw new Error('No convolution takes the input of this network.')
}

/** The scope of the layer that gives the logits: the one whose shape depends on the number of classes. */
export function headScope(network: Network): string {
  const head = network.layers.find((layer) => layer.name === network.output)
  if (head === undefined || !('scope' in head))
    throw new Error('The last layer of this network has no parameters.')
  return head.scope
}
