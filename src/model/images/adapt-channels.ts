import { SegscopeError } from '../errors.ts'
import type { Raster } from './image-source.ts'

/**
 * Weights of red, green and blue in the brightness of a colour (ITU-R BT.601, as Pillow, OpenCV and ImageJ's
 * weighted conversion have them). They sum to 1, so that three equal channels give their own value.
 */
const luminanceWeights = [0.299, 0.587, 0.114] as const

/**
 * Gives an image the number of channels that the network takes: grey is repeated, colour becomes brightness
 * (float32, not rounded; equal channels keep their value). A raster that fits is returned as it is.
 * @param file the image's path, for the error
 * @throws SegscopeError `channels-mismatch` where neither applies
 */
export function adaptChannels(raster: Raster, channels: number, file: string): Raster {
  if (raster.channels === channels) return raster
  if (raster.channels === 1) return { ...raster, samples: repeat(raster, channels), channels }
  if (raster.channels === 3 && channels === 1) return { ...raster, samples: luminance(raster), channels }
  throw new SegscopeError(
    'channels-mismatch',
    `The image has ${String(raster.channels)} channels where the network takes ${String(channels)}.`,
    { file, remedy: 'Use images with the same channels as those the network is trained on.' },
  )
}

function repeat({ samples, width, height }: Raster, channels: number): Raster['samples'] {
  const area = width * height
  const Constructor = samples.constructor as Uint8ArrayConstructor
  const repeated: Raster['samples'] = new Constructor(area * channels)
  for (let channel = 0; channel < channels; channel++) repeated.set(samples, channel * area)
  return repeated
}

function luminance({ samples, width, height }: Raster): Float32Array {
  const area = width * height
  const [red, green, blue] = luminanceWeights
  const brightness = new Float32Array(area)
  for (let pixel = 0; pixel < area; pixel++) {
    brightness[pixel] =
      red * (samples[pixel] as number) +
      green * (samples[area + pixel] as number) +
      blue * (samples[2 * area + pixel] as number)
  }
  return brightness
}
