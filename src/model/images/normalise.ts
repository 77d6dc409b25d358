import { quantile, sortFinite } from '../plan/intensities.ts'
import type { Normalisation } from '../plan/plan.ts'
import { samplePixels } from '../plan/sample-pixels.ts'
import { adaptChannels } from './adapt-channels.ts'
import type { ImageSource, Raster } from './image-source.ts'

/** Values that become -1 and 1. */
export type ChannelRange = Normalisation['channels'][number]

/** Normalised values are clipped to ± this: a hot pixel is three half-ranges from the middle and no more. */
export const largestNormalised = 3

/**
 * The range between percentiles 0.5 and 99.5, which hot pixels do not move. Values that are no number are left
 * out. A range of no extent (a constant image) is widened by 1, so that its value becomes -1.
 */
export function robustRange(samples: Float32Array): ChannelRange {
  const sorted = sortFinite(samples)
  if (sorted.length === 0) return { low: 0, high: 1 }
  const low = quantile(sorted, 0.005)
  const high = quantile(sorted, 0.995)
  return { low, high: high > low ? high : low + 1 }
}

/**
 * The ranges to normalise an image with, one a network channel: the plan's own, or the image's where the plan
 * says so. The latter reads a sample of the whole image, so that every tile of it gets the same range.
 * @param channels that the network takes
 * @throws SegscopeError where the file cannot be read, or `channels-mismatch`
 */
export async function rangesForImage(
  image: ImageSource,
  normalisation: Normalisation,
  channels: number,
): Promise<ChannelRange[]> {
  if (normalisation.scope === 'data set') return normalisation.channels
  const sample = await samplePixels(image)
  const pixels = sample.positions.length
  const stored = new Float32Array(sample.channels.length * pixels)
  sample.channels.forEach((values, channel) => {
    stored.set(values, channel * pixels)
  })
  const { samples } = adaptChannels(
    { samples: stored, channels: sample.channels.length, width: pixels, height: 1 },
    channels,
    image.path,
  )
  return Array.from({ length: channels }, (_, channel) =>
    robustRange(Float32Array.from(samples.subarray(channel * pixels, (channel + 1) * pixels))),
  )
}

/**
 * Raw samples to what the network sees: `2 * (value - low) / (high - low) - 1`, clipped to ±3. A value that is no
 * number, as some programs write where a camera saw nothing, becomes -1.
 * @param raster with the network's channels, see `adaptChannels`
 * @param ranges one a channel
 * @returns `[channels, height, width]`
 */
export function normaliseRaster(raster: Raster, ranges: readonly ChannelRange[]): Float32Array {
  const { samples, channels } = raster
  if (ranges.length !== channels) {
    throw new RangeError(`${String(ranges.length)} ranges for ${String(channels)} channels.`)
  }
  const area = raster.width * raster.height
  const normalised = new Float32Array(samples.length)
  for (let channel = 0; channel < channels; channel++) {
    const { low, high } = ranges[channel] as ChannelRange
    const factor = 2 / (high - low)
    const end = (channel + 1) * area
    for (let index = channel * area; index < end; index++) {
      const value = ((samples[index] as number) - low) * factor - 1
      normalised[index] = Number.isNaN(value)
        ? -1
        : Math.max(-largestNormalised, Math.min(largestNormalised, value))
    }
  }
  return normalised
}
