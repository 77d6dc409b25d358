import { adaptChannels } from '../../../model/images/adapt-channels.ts'
import { SegscopeError } from '../../../model/errors.ts'
import type { Checkpoint } from '../../../model/weights/checkpoint.ts'
import { openImage } from '../../imaging/open-image.ts'

/** Height and width of the image that a package is tested with. */
export const EXAMPLE_EXTENT = 256

/**
 * The middle of an image, as the network's input before it is normalised: `[channels, EXAMPLE_EXTENT, EXAMPLE_EXTENT]`.
 * @throws SegscopeError as `openImage` and `adaptChannels`; `example-too-small`
 */
export async function cutExample(path: string, { network }: Checkpoint): Promise<Float32Array> {
  const source = await openImage(path)
  try {
    const { width, height } = source.info
    if (Math.min(width, height) < EXAMPLE_EXTENT) {
      throw new SegscopeError(
        'example-too-small',
        `${path} has ${width} x ${height} pixels; the example of a package has ${EXAMPLE_EXTENT} x ${EXAMPLE_EXTENT}.`,
        { file: path, remedy: 'Choose a larger image, or let the package be made without one.' },
      )
    }
    const raster = await source.read({
      x: Math.floor((width - EXAMPLE_EXTENT) / 2),
      y: Math.floor((height - EXAMPLE_EXTENT) / 2),
      width: EXAMPLE_EXTENT,
      height: EXAMPLE_EXTENT,
    })
    return Float32Array.from(adaptChannels(raster, network.inputChannels, path).samples)
  } finally {
    await source.close()
  }
}

/** Bright discs with soft rims on a dark ground, in the range of the images that the network learnt from. */
export function drawExample({ header, network }: Checkpoint): Float32Array {
  const area = EXAMPLE_EXTENT ** 2
  const samples = new Float32Array(network.inputChannels * area)
  for (let channel = 0; channel < network.inputChannels; channel++) {
    const { low, high } = header.plan.normalisation.channels[channel] ?? { low: 0, high: 1 }
    for (let pixel = 0; pixel < area; pixel++) {
      const x = (pixel % EXAMPLE_EXTENT) % 64
      const y = Math.floor(pixel / EXAMPLE_EXTENT) % 64
      const column = Math.floor((pixel % EXAMPLE_EXTENT) / 64)
      const radius = 10 + 4 * column
      const brightness = 1 / (1 + Math.exp((Math.hypot(x - 32, y - 32) - radius) / 2))
      samples[channel * area + pixel] = low + (high - low) * (0.1 + 0.8 * brightness)
    }
  }
  return samples
}
