import type { ImageInfo } from '../images/image-source.ts'
import type { IntensityFacts } from './fingerprint.ts'

/** Sorted and finite. */
export type SortedValues = Float32Array

/** The finite values, sorted. */
export function sortFinite(values: Float32Array): SortedValues {
  const finite = new Float32Array(values.length)
  let count = 0
  for (const value of values) if (Number.isFinite(value)) finite[count++] = value
  return finite.subarray(0, count).sort()
}

/** The value below which this share of the sorted values lies (nearest rank); NaN where there are none. */
export function quantile(sorted: SortedValues | readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN
}

/** Distance between the 10th and the 90th percentile; of fewer than ten values, between the smallest and the largest. */
export function spread(values: readonly number[]): number {
  if (values.length < 2) return 0
  const sorted = [...values].sort((left, right) => left - right)
  return quantile(sorted, 0.9) - quantile(sorted, 0.1)
}

/**
 * How many bits the samples use, and how many of the lowest are never used. Cameras of 12 bits write 16-bit files
 * in two ways: as they are (12 used, 0 unused), or shifted left by 4 (16 used, 4 unused).
 * @param channels sorted values of each channel
 */
export function bitDepth(
  channels: readonly SortedValues[],
  info: Pick<ImageInfo, 'sampleType' | 'bitsPerSample'>,
): { usedBits: number; unusedLowBits: number } {
  if (info.sampleType.startsWith('float')) return { usedBits: info.bitsPerSample, unusedLowBits: 0 }
  // Hot pixels are saturated whatever the camera's depth: one sample in 10,000 may lie above.
  const largest = Math.max(1, ...channels.map((sorted) => quantile(sorted, 0.9999)).filter(Number.isFinite))
  const usedBits = Math.ceil(Math.log2(largest + 1))
  // No camera shifts into 32 bits, whose low bits 32-bit floating point would not hold either.
  if (info.sampleType.endsWith('32')) return { usedBits, unusedLowBits: 0 }
  let anyBit = 0
  for (const sorted of channels) for (const value of sorted) anyBit |= value
  return { usedBits, unusedLowBits: anyBit === 0 ? 0 : 31 - Math.clz32(anyBit & -anyBit) }
}

/** Brightness of one image in one channel. */
export interface ImageBrightness {
  median: number
  /** Median brightness by class value; undefined where the image has no sampled pixel of the class. */
  classMedians: (number | undefined)[]
}

/**
 * Statistics of one channel over the data set.
 * @param values sampled from all images, in any order
 * @param images one entry an image
 */
export function describeChannel(
  values: Float32Array,
  images: readonly ImageBrightness[],
  usedBits: number,
): IntensityFacts {
  const sorted = sortFinite(values)
  const mean = sorted.reduce((sum, value) => sum + value, 0) / sorted.length
  const variance = sorted.reduce((sum, value) => sum + (value - mean) ** 2, 0) / sorted.length
  const percentile005 = quantile(sorted, 0.005)
  const percentile995 = quantile(sorted, 0.995)
  const range = percentile995 - percentile005
  const relative = (distance: number): number => (range > 0 ? distance / range : 0)
  const classes = Math.max(0, ...images.map((image) => image.classMedians.length))
  const classSpreads = Array.from({ length: classes }, (_, value) =>
    spread(images.map((image) => image.classMedians[value]).filter((median) => median !== undefined)),
  )
  return {
    minimum: sorted[0] ?? Number.NaN,
    maximum: sorted.at(-1) ?? Number.NaN,
    mean,
    standardDeviation: Math.sqrt(variance),
    percentile005,
    median: quantile(sorted, 0.5),
    percentile995,
    usedBits,
    medianSpread: relative(spread(images.map((image) => image.median))),
    classSpread: relative(Math.max(0, ...classSpreads)),
  }
}
