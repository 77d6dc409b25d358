import { describe, expect, it } from 'vitest'
import { adaptChannels } from '../../../src/model/images/adapt-channels.ts'
import { normaliseRaster, robustRange } from '../../../src/model/images/normalise.ts'
import { RandomGenerator } from '../../../src/model/random.ts'

describe('adaptChannels', () => {
  const grey = { samples: Uint16Array.of(0, 300, 65535), channels: 1, width: 3, height: 1 }

  it('repeats grey, and takes equal channels back to the same grey', () => {
    const colour = adaptChannels(grey, 3, '')
    expect(colour.samples).toEqual(Uint16Array.of(0, 300, 65535, 0, 300, 65535, 0, 300, 65535))
    expect(adaptChannels(colour, 1, '')).toEqual({ ...grey, samples: Float32Array.of(0, 300, 65535) })
    expect(adaptChannels(grey, 1, '')).toBe(grey)
  })

  it('takes colours to their brightness', () => {
    const colours = { samples: Uint8Array.of(255, 0, 0, 255, 0, 0), channels: 3, width: 2, height: 1 }
    expect(adaptChannels(colours, 1, '').samples).toEqual(Float32Array.of(0.299 * 255, 0.587 * 255))
  })

  it('refuses what has no meaning, naming the file', () => {
    expect(() => adaptChannels({ ...grey, channels: 2 }, 1, 'two.tif')).toThrow(
      expect.objectContaining({ code: 'channels-mismatch', file: 'two.tif' }) as Error,
    )
  })
})

describe('normaliseRaster', () => {
  it('maps the range to -1 and 1, each channel by its own, clips, and darkens what is no number', () => {
    const samples = Float32Array.of(100, 300, 10_000, Number.NaN, 0, 5, 10, -Infinity)
    const ranges = [
      { low: 100, high: 300 },
      { low: 0, high: 10 },
    ]
    expect(normaliseRaster({ samples, channels: 2, width: 4, height: 1 }, ranges)).toEqual(
      Float32Array.of(-1, 1, 3, -1, -1, 0, 1, -3),
    )
  })
})

describe('robustRange', () => {
  it('is not moved by hot pixels or what is no number', () => {
    const random = new RandomGenerator(1)
    const samples = Float32Array.from({ length: 10_000 }, (_, index) =>
      index % 500 === 0 ? (index % 1000 === 0 ? 65535 : Number.NaN) : random.uniform(200, 400),
    )
    const { low, high } = robustRange(samples)
    expect(Math.abs(low - 201)).toBeLessThan(1)
    expect(Math.abs(high - 399)).toBeLessThan(1)
  })

  it('gives a constant image the value -1', () => {
    const range = robustRange(new Float32Array(10).fill(7))
    const raster = { samples: Float32Array.of(7), channels: 1, width: 1, height: 1 }
    expect(normaliseRaster(raster, [range])).toEqual(Float32Array.of(-1))
  })
})
