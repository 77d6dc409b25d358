import type { Raster, Samples } from '../../model/images/image-source.ts'
import type { ChannelStatistics } from '../../preload/contract/images.ts'

/** Of one channel: a thousandth of them, the finest percentile, is still a thousand values. */
const SAMPLED_VALUES = 2 ** 20
const PERCENTILE_STEPS = 1000
const HISTOGRAM_BINS = 256

/** Of each channel of a raster, from every n-th of its values where they are many. */
export function measureChannels({ samples, channels, width, height }: Raster): ChannelStatistics[] {
  return Array.from({ length: channels }, (_, channel) =>
    measureValues(samples.subarray(channel * width * height, (channel + 1) * width * height)),
  )
}

/** Gathers such values from bands of a plane that is never held whole. */
export class ChannelSampler {
  readonly #step: number
  readonly #values: number[][]
  #passed = 0

  /** @param pixels of the whole plane */
  constructor(channels: number, pixels: number) {
    this.#step = Math.ceil(pixels / SAMPLED_VALUES)
    this.#values = Array.from({ length: channels }, () => [])
  }

  /** @param band the next rows */
  add({ samples, width, height }: Raster): void {
    const pixels = width * height
    const start = (this.#step - (this.#passed % this.#step)) % this.#step
    this.#values.forEach((values, channel) => {
      for (let at = start; at < pixels; at += this.#step)
        values.push(samples[channel * pixels + at] as number)
    })
    this.#passed += pixels
  }

  measure(): ChannelStatistics[] {
    return this.#values.map((values) => measureValues(Float64Array.from(values)))
  }
}

/** Zeros where no value is a finite number. */
export function measureValues(values: Samples): ChannelStatistics {
  const sorted = sampleFinite(values).sort()
  const minimum = sorted[0] ?? 0
  const maximum = sorted.at(-1) ?? 0
  const percentiles = Array.from(
    { length: PERCENTILE_STEPS + 1 },
    (_, step) => sorted[Math.round((step * (sorted.length - 1)) / PERCENTILE_STEPS)] ?? 0,
  )
  const histogram = Array<number>(HISTOGRAM_BINS).fill(0)
  const binsPerUnit = maximum > minimum ? HISTOGRAM_BINS / (maximum - minimum) : 0
  for (const value of sorted) {
    const bin = Math.min(HISTOGRAM_BINS - 1, Math.floor((value - minimum) * binsPerUnit))
    histogram[bin] = (histogram[bin] as number) + 1
  }
  return { minimum, maximum, percentiles, histogram }
}

function sampleFinite(values: Samples): Samples {
  const step = Math.ceil(values.length / SAMPLED_VALUES)
  const Constructor = values.constructor as Float64ArrayConstructor
  const sampled = new Constructor(Math.ceil(values.length / step))
  let count = 0
  for (let at = 0; at < values.length; at += step) {
    const value = values[at] as number
    if (Number.isFinite(value)) sampled[count++] = value
  }
  return sampled.subarray(0, count)
}
