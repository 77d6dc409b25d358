import type { TrainingBatch } from '../src/model/engine/engine.ts'
import { buildNetwork } from '../src/model/network/unet.ts'
import { RandomGenerator } from '../src/model/random.ts'

/** What is timed, as torch_reference.py names it. */
export const measurements = ['forward', 'step', 'step_frozen'] as const
export type Measurement = (typeof measurements)[number]

/** design/network.md's network on grey images; torch_reference.py has the same. */
export const network = buildNetwork({
  encoder: 'mobilenet-v2',
  alpha: 1,
  decoder: 'pix2pix',
  inputChannels: 1,
  classes: 5,
  dropout: 0,
})

/** A batch of 8 patches of 128 x 128, every pixel labelled; torch_reference.py has as much. */
export function makeBatch(): TrainingBatch {
  const [batch, side] = [8, 128]
  const random = new RandomGenerator(0)
  const data = Float32Array.from({ length: batch * side * side }, () => random.normal())
  const labels = Uint8Array.from({ length: batch * side * side }, () => random.nextInteger(network.classes))
  const images = { data, batch, channels: 1, height: side, width: side }
  return { images, labels, learningRate: 1e-3, dropoutSeed: 0 }
}
