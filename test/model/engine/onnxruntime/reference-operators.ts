import type { Extent } from '../../../../src/model/engine/onnxruntime/operators/operator.ts'

/** Operators as their definitions have them: plain loops in float64 over `[channels, batch, height, width]`. */

interface Convolution {
  extent: Extent
  inputChannels: number
  outputChannels: number
  /** How many groups of channels there are, each seen by its own kernels. */
  groups: number
  kernelSize: number
  stride: number
  padding: readonly [before: number, after: number]
}

/** @param kernel `[out, in / groups, kh, kw]` */
export function convolve(input: Float64Array, kernel: Float64Array, shape: Convolution): Float64Array {
  const { extent, inputChannels, outputChannels, groups, kernelSize, stride } = shape
  const { batch, height, width } = extent
  const [before, after] = shape.padding
  const rows = Math.floor((height + before + after - kernelSize) / stride) + 1
  const columns = Math.floor((width + before + after - kernelSize) / stride) + 1
  const seen = inputChannels / groups
  const output = new Float64Array(outputChannels * batch * rows * columns)
  let position = 0
  for (let out = 0; out < outputChannels; out++) {
    const firstSeen = Math.floor(out / (outputChannels / groups)) * seen
    for (let image = 0; image < batch; image++) {
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          let sum = 0
          for (let channel = 0; channel < seen; channel++) {
            for (let ky = 0; ky < kernelSize; ky++) {
              for (let kx = 0; kx < kernelSize; kx++) {
                const y = row * stride + ky - before
                const x = column * stride + kx - before
                if (y < 0 || x < 0 || y >= height || x >= width) continue
                const pixel = (((firstSeen + channel) * batch + image) * height + y) * width + x
                const weight = ((out * seen + channel) * kernelSize + ky) * kernelSize + kx
                sum += (input[pixel] as number) * (kernel[weight] as number)
              }
            }
          }
          output[position++] = sum
        }
      }
    }
  }
  return output
}

/** Each input pixel puts its kernel, 4x4, onto the output at twice its place, less one. @param kernel `[in, out, 4, 4]` */
export function convolveTransposed(
  input: Float64Array,
  kernel: Float64Array,
  bias: Float64Array,
  { batch, height, width }: Extent,
): Float64Array {
  const outputs = bias.length
  const inputs = kernel.length / (outputs * 16)
  const output = new Float64Array(outputs * batch * 4 * height * width)
  for (let out = 0; out < outputs; out++) {
    output.fill(bias[out] as number, (out * output.length) / outputs, ((out + 1) * output.length) / outputs)
  }
  for (let channel = 0; channel < inputs; channel++) {
    for (let image = 0; image < batch; image++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const value = input[((channel * batch + image) * height + y) * width + x] as number
          for (let out = 0; out < outputs; out++) {
            for (let tap = 0; tap < 16; tap++) {
              const row = 2 * y - 1 + Math.floor(tap / 4)
              const column = 2 * x - 1 + (tap % 4)
              if (row < 0 || column < 0 || row >= 2 * height || column >= 2 * width) continue
              const pixel = ((out * batch + image) * 2 * height + row) * 2 * width + column
              output[pixel] =
                (output[pixel] as number) + value * (kernel[(channel * outputs + out) * 16 + tap] as number)
            }
          }
        }
      }
    }
  }
  return output
}

/** Mean and biased variance of each channel. */
export function batchStatistics(
  input: Float64Array,
  channels: number,
): { mean: Float64Array; variance: Float64Array } {
  const pixels = input.length / channels
  const rows = Array.from({ length: channels }, (_, channel) =>
    input.subarray(channel * pixels, (channel + 1) * pixels),
  )
  const average = (row: Float64Array): number => row.reduce((sum, value) => sum + value, 0) / pixels
  const mean = Float64Array.from(rows, average)
  const variance = Float64Array.from(rows, (row, channel) =>
    average(row.map((value) => (value - (mean[channel] as number)) ** 2)),
  )
  return { mean, variance }
}

/** gamma * (input - mean) / sqrt(variance + epsilon) + beta, channel by channel */
export function normalise(
  input: Float64Array,
  statistics: { mean: Float64Array; variance: Float64Array },
  { gamma, beta }: { gamma: Float64Array; beta: Float64Array },
  epsilon: number,
): Float64Array {
  const pixels = input.length / gamma.length
  return input.map((value, index) => {
    const channel = Math.floor(index / pixels)
    const deviation = Math.sqrt((statistics.variance[channel] as number) + epsilon)
    const normalised = (value - (statistics.mean[channel] as number)) / deviation
    return (gamma[channel] as number) * normalised + (beta[channel] as number)
  })
}

/**
 * sum(weight of the label * -log softmax(logits)[label]) / sum(weight of the label), over the labelled pixels.
 * @param logits `[classes, pixels]`
 */
export function weightedCrossEntropy(
  logits: Float64Array,
  labels: Uint8Array,
  classWeights: readonly number[],
): number {
  const pixels = labels.length
  let sum = 0
  let total = 0
  labels.forEach((label, pixel) => {
    const weight = classWeights[label]
    if (weight === undefined) return
    const row = classWeights.map((_, index) => logits[index * pixels + pixel] as number)
    const largest = Math.max(...row)
    const logarithm = largest + Math.log(row.reduce((all, logit) => all + Math.exp(logit - largest), 0))
    sum += weight * (logarithm - (row[label] as number))
    total += weight
  })
  return sum / total
}

/** One minus the mean over the classes of (2 sum(p t) + 1) / (sum(p) + sum(t) + 1), over the labelled pixels. */
export function softDiceLoss(logits: Float64Array, labels: Uint8Array, classes: number): number {
  const pixels = labels.length
  let loss = 1
  for (let value = 0; value < classes; value++) {
    let both = 0
    let sizes = 0
    labels.forEach((label, pixel) => {
      if (label >= classes) return
      const row = Array.from({ length: classes }, (_, index) => logits[index * pixels + pixel] as number)
      const probability = 1 / row.reduce((sum, logit) => sum + Math.exp(logit - (row[value] as number)), 0)
      if (label === value) both += probability
      sizes += probability + (label === value ? 1 : 0)
    })
    loss -= (2 * both + 1) / (sizes + 1) / classes
  }
  return loss
}
