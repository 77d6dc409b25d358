import type { Layer, Network } from '../network/network.ts'
import { listParameters } from '../network/parameters.ts'
import { elementCount } from '../weights/tensor.ts'

const bytesPerValue = 4
/**
 * Every layer's output is kept for the backward pass, and gradients of about the same size pass by; and the memory that
 * ONNX Runtime sets aside is never filled.
 */
const copiesOfActivations = 3.5
/** Weights and both moments, each twice as a step writes a second set, the gradient, and the kernels as they are multiplied. */
const copiesOfParameters = 8
/** The engine itself and the compiled step. */
const fixedBytes = 100e6

/**
 * What a training step of this network takes at most, in bytes: an estimate from above. Measured with ONNX Runtime 1.30 on
 * both decoders with 4 to 16 patches of 128 and 192 pixels, it was 0 to 9 % above what the process grew by.
 */
export function estimateTrainingBytes(network: Network, batchSize: number, patchSize: number): number {
  const parameters = listParameters(network).reduce(
    (sum, parameter) => sum + elementCount(parameter.shape),
    0,
  )
  const reductions = new Map([['input', 1]])
  let activations = 0
  for (const layer of network.layers) {
    const reduction = (reductions.get(layer.inputs[0] as string) as number) * reductionOf(layer)
    reductions.set(layer.name, reduction)
    activations += layer.channels * (patchSize / reduction) ** 2
  }
  return (
    fixedBytes +
    bytesPerValue * (copiesOfParameters * parameters + copiesOfActivations * batchSize * activations)
  )
}

function reductionOf(layer: Layer): number {
  if (layer.kind === 'convolution') return layer.stride
  return layer.kind === 'transposed-convolution' ? 1 / layer.stride : 1
}
