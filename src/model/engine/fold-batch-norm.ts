import type { ConvolutionLayer, Network, TransposedConvolutionLayer } from '../network/network.ts'
import type { NamedTensors, Tensor } from '../weights/tensor.ts'

/** A convolution with the batch norm behind it taken into its kernel and bias. */
export interface FoldedConvolution {
  kernel: Tensor
  bias: Float32Array
}

/**
 * Takes each batch norm in inference mode into the convolution before it:
 * `kernel * gamma / sqrt(variance + epsilon)`, `beta - mean * gamma / sqrt(variance + epsilon)`.
 * @returns by the name of the batch norm's layer, or of the convolution's where no batch norm follows
 */
export function foldBatchNorms(network: Network, weights: NamedTensors): Map<string, FoldedConvolution> {
  const folded = new Map<string, FoldedConvolution>()
  const convolutions = new Map<string, ConvolutionLayer | TransposedConvolutionLayer>()
  for (const layer of network.layers) {
    if (layer.kind === 'convolution' || layer.kind === 'transposed-convolution') {
      convolutions.set(layer.name, layer)
      if (layer.kind === 'transposed-convolution' && layer.bias) {
        folded.set(layer.name, {
          kernel: tensor(weights, `${layer.scope}.kernel`),
          bias: tensor(weights, `${layer.scope}.bias`).data,
        })
      }
    }
    if (layer.kind !== 'batch-norm') continue
    const convolution = convolutions.get(layer.inputs[0] as string)
    if (convolution === undefined) throw new Error(`Batch norm ${layer.name} follows no convolution.`)
    const gamma = tensor(weights, `${layer.scope}.gamma`).data
    const beta = tensor(weights, `${layer.scope}.beta`).data
    const mean = tensor(weights, `${layer.scope}.moving_mean`).data
    const variance = tensor(weights, `${layer.scope}.moving_variance`).data
    const factors = gamma.map(
      (value, channel) => value / Math.sqrt((variance[channel] as number) + layer.epsilon),
    )
    folded.set(layer.name, {
      kernel: scaleOutputs(tensor(weights, `${convolution.scope}.kernel`), factors, convolution.kind),
      bias: beta.map((value, channel) => value - (mean[channel] as number) * (factors[channel] as number)),
    })
  }
  return folded
}

/** The kernel with each output channel multiplied by its factor; outputs are the second axis of a transposed kernel. */
function scaleOutputs(
  kernel: Tensor,
  factors: Float32Array,
  kind: 'convolution' | 'transposed-convolution',
): Tensor {
  const taps = (kernel.shape[2] as number) * (kernel.shape[3] as number)
  const outputs = factors.length
  const inner = kind === 'convolution' ? (kernel.shape[1] as number) * taps : taps
  const data = kernel.data.map(
    (value, index) => value * (factors[Math.floor(index / inner) % outputs] as number),
  )
  return { shape: kernel.shape, data }
}

function tensor(weights: NamedTensors, name: string): Tensor {
  const found = weights.get(name)
  if (found === undefined) throw new Error(`The weights have no ${name}.`)
  return found
}
