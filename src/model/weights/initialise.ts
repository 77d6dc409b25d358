import type { Network } from '../network/network.ts'
import { listParameters, type Parameter } from '../network/parameters.ts'
import type { RandomGenerator } from '../random.ts'
import { headScope } from './network-ends.ts'
import { elementCount, type NamedTensors, type Tensor } from './tensor.ts'

/** Standard deviation of a standard normal cut off at ±2; the constant of Keras's `VarianceScaling`. */
const TRUNCATED_DEVIATION = 0.87962566103423978

/**
 * Standard deviation of the head's kernel, as in RetinaNet (Lin et al. 2017, section 4.1) and MMSegmentation's
 * `conv_seg`: no batch norm follows the head, and small logits let the loss begin at ln(classes), not above it.
 */
const HEAD_DEVIATION = 0.01

/**
 * Weights to train from scratch with.
 *
 * Kernels are He-normal by fan-in (He et al. 2015: variance 2 / fan keeps the variance of what passes through ReLUs),
 * truncated at two deviations as Keras's `he_normal` is, because a single far outlier among the nine weights
 * of a depthwise kernel owns its channel. Every one of them but the head's is followed by a batch norm, which takes
 * any common factor out again; so fan-in or fan-out decides no more than how large AdamW's steps are beside the weights.
 * Gamma and moving variance are 1, beta, bias and moving mean 0.
 */
export function initialiseWeights(network: Network, random: RandomGenerator): NamedTensors {
  const headKernel = `${headScope(network)}.kernel`
  return new Map(
    listParameters(network).map((parameter) => [
      parameter.name,
      initialiseParameter(parameter, parameter.name === headKernel, random),
    ]),
  )
}

function initialiseParameter(parameter: Parameter, isHeadKernel: boolean, random: RandomGenerator): Tensor {
  const { shape, role } = parameter
  const data = new Float32Array(elementCount(shape))
  switch (role) {
    case 'gamma':
    case 'moving-variance':
      return { shape, data: data.fill(1) }
    case 'beta':
    case 'bias':
    case 'moving-mean':
      return { shape, data }
    case 'kernel':
    case 'depthwise-kernel':
    case 'transposed-kernel': {
      const deviation = isHeadKernel ? HEAD_DEVIATION : Math.sqrt(2 / fanIn(role, shape))
      return { shape, data: data.map(() => deviation * truncatedNormal(random)) }
    }
  }
}

/** How many values of the input one value of the output is a sum over. */
function fanIn(role: 'kernel' | 'depthwise-kernel' | 'transposed-kernel', shape: readonly number[]): number {
  const [first, second, height, width] = shape as [number, number, number, number]
  // A depthwise kernel is [channels, 1, height, width].
  if (role !== 'transposed-kernel') return second * height * width
  // [in, out, height, width] with stride 2: a quarter of the kernel's taps falls on any one output pixel.
  return (first * height * width) / 4
}

/** Standard normal cut off at ±2 and scaled to deviation 1 again. */
function truncatedNormal(random: RandomGenerator): number {
  let value = random.normal()
  while (Math.abs(value) > 2) value = random.normal()
  return value / TRUNCATED_DEVIATION
}
