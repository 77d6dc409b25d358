import { elementCount, type Tensor } from './tensor.ts'

/**
 * The stem's kernel for images of another number of channels: each new channel gets the sum over the old ones,
 * divided by the number of new ones. An image whose channels are all equal is answered as before. For one channel this is the plain
 * sum, the same as repeating a grey image; for more, no channel is favoured, since a microscope's channels
 * come in no order that red, green and blue would fit.
 * @param kernel `[out, in, height, width]`
 * @returns `[out, inputChannels, height, width]`; the kernel itself where nothing has to change
 */
export function adaptInputChannels(kernel: Tensor, inputChannels: number): Tensor {
  const [outputs, oldChannels, height, width] = kernel.shape as [number, number, number, number]
  if (oldChannels === inputChannels) return kernel
  const shape = [outputs, inputChannels, height, width]
  const data = new Float32Array(elementCount(shape))
  const area = height * width
  for (let output = 0; output < outputs; output++) {
    for (let position = 0; position < area; position++) {
      let sum = 0
      for (let channel = 0; channel < oldChannels; channel++) {
        sum += kernel.data[(output * oldChannels + channel) * area + position] as number
      }
      for (let channel = 0; channel < inputChannels; channel++) {
        data[(output * inputChannels + channel) * area + position] = sum / inputChannels
      }
    }
  }
  return { shape, data }
}
