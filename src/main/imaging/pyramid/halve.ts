import type { Raster, Samples } from '../../../model/images/image-source.ts'

/**
 * Half the width and height, rounded up: each pixel the mean of 2 x 2 (of fewer at the right and lower edge), in the same
 * sample type, whole numbers rounded half up. What is not a finite number is left out of the means, so that a masked region does
 * not grow from level to level.
 */
export function halve(raster: Raster): Raster {
  const { samples, channels, width, height } = raster
  const half = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) }
  const Constructor = samples.constructor as Uint8ArrayConstructor
  const means: Samples = new Constructor(channels * half.width * half.height)
  const average =
    samples instanceof Float32Array || samples instanceof Float64Array ? averageFinite : averageWhole
  for (let channel = 0; channel < channels; channel++) {
    for (let row = 0; row < half.height; row++) {
      const first = (channel * height + 2 * row) * width
      // The last row of an odd height stands for both.
      const second = 2 * row + 1 < height ? first + width : first
      average(samples, first, second, width, means, (channel * half.height + row) * half.width)
    }
  }
  return { samples: means, channels, ...half }
}

function averageWhole(
  samples: Samples,
  first: number,
  second: number,
  width: number,
  means: Samples,
  at: number,
): void {
  const pairs = width >> 1
  for (let pair = 0; pair < pairs; pair++) {
    const sum =
      (samples[first + 2 * pair] as number) +
      (samples[first + 2 * pair + 1] as number) +
      (samples[second + 2 * pair] as number) +
      (samples[second + 2 * pair + 1] as number)
    means[at + pair] = Math.floor((sum + 2) / 4)
  }
  if (width % 2 === 1) {
    const sum = (samples[first + width - 1] as number) + (samples[second + width - 1] as number)
    means[at + pairs] = Math.floor((sum + 1) / 2)
  }
}

function averageFinite(
  samples: Samples,
  first: number,
  second: number,
  width: number,
  means: Samples,
  at: number,
): void {
  for (let left = 0; left < width; left += 2) {
    const right = Math.min(left + 1, width - 1)
    let sum = 0
    let count = 0
    for (const place of [first + left, first + right, second + left, second + right]) {
      const value = samples[place] as number
      if (!Number.isFinite(value)) continue
      sum += value
      count++
    }
    means[at + (left >> 1)] = count === 0 ? NaN : sum / count
  }
}
