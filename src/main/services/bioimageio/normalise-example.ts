import { RANGE_EPSILON } from '../../../model/export/bioimageio-description.ts'
import type { Normalisation } from '../../../model/plan/plan.ts'

/**
 * What a program that follows the package's description feeds the network with: its percentiles are interpolated, as
 * numpy.percentile has them.
 * @param samples `[channels, pixels]`
 */
export function normaliseExample(
  samples: Float32Array,
  { scope, channels }: Normalisation,
  count: number,
): Float32Array {
  const area = samples.length / count
  return Float32Array.from(
    Array.from({ length: count }, (_, channel) => {
      const plane = samples.subarray(channel * area, (channel + 1) * area)
      const { low, high } =
        scope === 'data set' ? (channels[channel] as { low: number; high: number }) : percentiles(plane)
      return Array.from(plane, (value) => (2 * (value - low)) / (high - low) - 1)
    }).flat(),
  )
}

function percentiles(plane: Float32Array): { low: number; high: number } {
  const sorted = plane.slice().sort()
  const at = (share: number): number => {
    const place = share * (sorted.length - 1)
    const [lower, upper] = [sorted[Math.floor(place)] as number, sorted[Math.ceil(place)] as number]
    return lower + (place - Math.floor(place)) * (upper - lower)
  }
  const low = at(0.005)
  return { low, high: at(0.995) + RANGE_EPSILON }
}
