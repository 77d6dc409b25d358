import { resolve } from 'node:path'
import h5wasm from 'h5wasm/node'
import type { ImageBatch } from '../../../src/model/engine/engine.ts'
import { buildNetwork } from '../../../src/model/network/unet.ts'
import type { Network } from '../../../src/model/network/network.ts'
import { listParameters } from '../../../src/model/network/parameters.ts'
import { RandomGenerator } from '../../../src/model/random.ts'
import { elementCount, type NamedTensors } from '../../../src/model/weights/tensor.ts'
import { sharedFolder } from '../../shared.ts'

/** PyTorch's results for the whole network; `reference/README.md` beside the file says how they came about. */
export class TrainingReference {
  readonly #file: InstanceType<typeof h5wasm.File>

  private constructor(file: InstanceType<typeof h5wasm.File>) {
    this.#file = file
  }

  static async open(): Promise<TrainingReference> {
    await h5wasm.ready
    return new TrainingReference(
      new h5wasm.File(resolve(sharedFolder as string, 'reference/network_training.h5'), 'r'),
    )
  }

  /** A data set of numbers. */
  read(path: string): ArrayLike<number> {
    return (this.#file.get(path) as { value: unknown }).value as ArrayLike<number>
  }

  /** A data set of texts. */
  readTexts(path: string): string[] {
    return (this.#file.get(path) as { value: unknown }).value as string[]
  }

  /** The two images of `input_nchw`, 64 x 64: grey, or repeated to three channels as PyTorch got them. */
  images(channels: 1 | 3): ImageBatch {
    const grey = this.read('input_nchw')
    const plane = 64 * 64
    const data = new Float32Array(2 * channels * plane)
    for (let index = 0; index < data.length; index++) {
      const image = Math.floor(index / (channels * plane))
      data[index] = grey[image * plane + (index % plane)] as number
    }
    return { data, batch: 2, channels, height: 64, width: 64 }
  }

  keys(path: string): string[] {
    return (this.#file.get(path) as { keys(): string[] }).keys()
  }

  close(): void {
    this.#file.close()
  }
}

export const referenceNetwork: Network = buildNetwork({
  encoder: 'mobilenet-v2',
  alpha: 1,
  decoder: 'pix2pix',
  inputChannels: 3,
  classes: 5,
  dropout: 0,
})

/** The parameters by the formula of the reference: number k from mulberry32 seeded with k, in row-major order. */
export function referenceWeights(network: Network): NamedTensors {
  const weights: NamedTensors = new Map()
  let number = 0
  for (const { name, shape, role, trained } of listParameters(network)) {
    const data = new Float32Array(elementCount(shape))
    if (trained) {
      const random = new RandomGenerator(++number)
      const [first, second, height, width] = shape as [number, number, number, number]
      const fan = {
        kernel: second * height * width,
        'depthwise-kernel': height * width,
        'transposed-kernel': (first * height * width) / 4,
      }
      for (let index = 0; index < data.length; index++) {
        const u = 2 * random.next() - 1
        if (role === 'gamma') data[index] = 1 + 0.2 * u
        else if (role === 'beta' || role === 'bias') data[index] = 0.1 * u
        else data[index] = u * Math.sqrt(6 / fan[role as keyof typeof fan])
      }
    } else if (role === 'moving-variance') {
      data.fill(1)
    }
    weights.set(name, { shape, data })
  }
  return weights
}
