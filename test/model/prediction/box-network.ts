import type { ImageBatch, NetworkOutput, Predictor } from '../../../src/model/engine/engine.ts'

/**
 * A network whose result can be computed by hand: the mean over a square around each pixel, zeros beyond the
 * borders as in any convolution, on every `stride`th pixel only, which is wrong where tiles leave the stride's
 * grid. Three classes; probabilities sum to 1.
 */
export class BoxNetwork implements Predictor {
  readonly facts: { inputChannels: number; classes: number; stride: number }
  readonly sizes: string[] = []
  private readonly radius: number

  constructor(radius: number, inputChannels = 1) {
    this.radius = radius
    this.facts = { inputChannels, classes: 3, stride: 32 }
  }

  run({ data, channels, height, width }: ImageBatch): Promise<NetworkOutput> {
    if (height % 32 !== 0 || width % 32 !== 0) throw new Error(`${height} x ${width}`)
    this.sizes.push(`${height} x ${width}`)
    const area = height * width
    const mean = new Float32Array(area)
    for (let channel = 0; channel < channels; channel++) {
      const smooth = this.smooth(data.subarray(channel * area, (channel + 1) * area), height, width)
      for (let pixel = 0; pixel < area; pixel++)
        mean[pixel] = (mean[pixel] as number) + (smooth[pixel] as number)
    }
    const output = new Float32Array(3 * area)
    for (let pixel = 0; pixel < area; pixel++) {
      const x = pixel % width
      const y = Math.floor(pixel / width)
      // Like upsampled features: the value of the corner of the 4 x 4 cell of the stride's grid that the pixel is in.
      const corner = mean[(y - (y % 4)) * width + x - (x % 4)] as number
      const exponentials = [Math.exp(4 * corner), Math.exp(-4 * (mean[pixel] as number)), 1]
      const sum = exponentials.reduce((total, value) => total + value, 0)
      exponentials.forEach((value, plane) => {
        output[plane * area + pixel] = value / sum
      })
    }
    return Promise.resolve({ data: output, batch: 1, classes: 3, height, width })
  }

  dispose(): Promise<void> {
    return Promise.resolve()
  }

  private smooth(plane: Float32Array, height: number, width: number): Float32Array {
    const size = 2 * this.radius + 1
    const along = (
      source: Float32Array,
      lines: number,
      length: number,
      step: number,
      lineStep: number,
    ): Float32Array => {
      const target = new Float32Array(source.length)
      for (let line = 0; line < lines; line++) {
        let sum = 0
        for (let position = -this.radius; position < length; position++) {
          const entering = position + this.radius
          const leaving = position - this.radius - 1
          if (entering < length) sum += source[line * lineStep + entering * step] as number
          if (leaving >= 0) sum -= source[line * lineStep + leaving * step] as number
          if (position >= 0) target[line * lineStep + position * step] = sum / size
        }
      }
      return target
    }
    return along(along(plane, height, width, 1, width), width, height, width, 1)
  }
}
