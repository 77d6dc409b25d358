import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openImage } from '../../../src/main/imaging/open-image.ts'
import type { ChannelStatistics } from '../../../src/preload/contract/images.ts'
import {
  automaticWindow,
  channelsOf,
  defaultChannel,
  windowsOf,
  withWindow,
} from '../../../src/renderer/viewer/contrast.ts'
import { histogramPath, histogramRange } from '../../../src/renderer/viewer/histogram.ts'
import { sharedFolder } from '../../shared.ts'

/** Of all values, by sorting. */
function statisticsOf(values: ArrayLike<number>): ChannelStatistics {
  const sorted = Float64Array.from(values).sort()
  const percentiles = Array.from(
    { length: 1001 },
    (_, step) => sorted[Math.round((step / 1000) * (sorted.length - 1))] as number,
  )
  const minimum = sorted[0] as number
  const maximum = sorted.at(-1) as number
  const histogram = new Array<number>(256).fill(0)
  for (const value of sorted) {
    const bin = Math.min(255, Math.floor((256 * (value - minimum)) / (maximum - minimum || 1)))
    histogram[bin] = (histogram[bin] as number) + 1
  }
  return { minimum, maximum, percentiles, histogram }
}

const grey = defaultChannel(0, 1)

test('hot pixels leave the contrast to the cells', () => {
  const values = Array.from({ length: 100_000 }, (_, index) =>
    index % 100 === 0 ? 3000 : 400 + (index % 37),
  )
  for (let hot = 0; hot < 50; hot++) values[hot * 1000 + 7] = 65535
  const [low, high] = automaticWindow(statisticsOf(values), grey)
  expect([low, high]).toEqual([400, 3000])
})

test('an image of one value, or nearly so, has a window of some width', () => {
  expect(automaticWindow(statisticsOf([7, 7, 7]), grey)).toEqual([7, 8])
  const speck = new Array<number>(10_000).fill(7)
  speck[5] = 900
  expect(automaticWindow(statisticsOf(speck), grey)).toEqual([7, 900])
})

test("settings for other channels than the image's are not taken", () => {
  const settings = { channels: [{ ...grey, gamma: 2 }] }
  expect(channelsOf(settings, { channels: 1, statistics: [] })[0]?.gamma).toBe(2)
  expect(
    channelsOf(settings, { channels: 3, statistics: [] }).map(({ colour, gamma }) => `${colour} ${gamma}`),
  ).toEqual(['#ff0000 1', '#00ff00 1', '#0000ff 1'])
})

test('the range that a person set in Fiji is the first one shown, unless nothing could be seen by it', () => {
  const statistics = [statisticsOf(Array.from({ length: 5000 }, (_, index) => 300 + (index % 700)))]
  const shown = (range: { low: number; high: number }) => {
    const details = {
      ...{ channels: 1, sampleType: 'uint16' as const },
      ...{ statistics, channelLooks: [{ range }] },
    }
    return windowsOf(channelsOf({ channels: [] }, details), details)[0]
  }
  expect(shown({ low: 250, high: 800 })).toEqual([250, 800])
  expect(shown({ low: 0, high: 4095 })).toEqual([0, 4095])
  const automatic = automaticWindow(statistics[0] as ChannelStatistics, grey)
  expect(shown({ low: 0, high: 60_000 })).toEqual(automatic)
  expect(shown({ low: 2000, high: 3000 })).toEqual(automatic)
})

test('a photograph keeps its white balance, three stains do not share a window', () => {
  const statistics = [
    [10, 250],
    [5, 200],
    [20, 100],
  ].map((values) => statisticsOf(values))
  const channels = channelsOf({ channels: [] }, { channels: 3, statistics })
  const photograph = { sampleType: 'uint8', channels: 3, statistics } as const
  const [window] = windowsOf(channels, photograph)
  expect(windowsOf(channels, photograph)).toEqual([window, window, window])
  expect(window?.[0]).toBeLessThan(10)
  const stains = windowsOf(channels, { ...photograph, sampleType: 'uint16' })
  expect(stains[1]?.[0]).not.toBe(stains[2]?.[0])
  const set = withWindow(channels, 1, [30, 90], photograph)
  expect(windowsOf(set, photograph)).toEqual([
    [30, 90],
    [30, 90],
    [30, 90],
  ])
  expect(withWindow(channels, 1, [30, 90], { ...photograph, sampleType: 'uint16' })[0]?.contrast).toBe(
    'automatic',
  )
})

describe.skipIf(sharedFolder === undefined)('real 16-bit images at first sight', () => {
  const folder = join(sharedFolder ?? '', 'data/bitdepth_nuclei_16bit/images')

  test.each([
    ['bone_20x_2.tif', false],
    ['bone_40x_oil_2.tif', false],
    // Single pixels of 33,000, with nuclei of 3,000.
    ['bone_40x_air_2.tif', true],
    ['bone_63x_oil_3.tif', true],
  ])('%s shows its nuclei, hot pixels or not', async (file, hasHotPixels) => {
    const source = await openImage(join(folder, file))
    const { width, height } = source.info
    const { samples } = await source.read({ x: 0, y: 0, width, height })
    await source.close()
    const statistics = statisticsOf(samples)
    const [low, high] = automaticWindow(statistics, grey)
    const bright = statistics.percentiles[997] as number
    // The brightest are bright, and next to nothing is burnt out.
    expect((bright - low) / (high - low)).toBeGreaterThan(0.6)
    expect(bright).toBeLessThan(high)
    expect(statistics.maximum > 3 * high).toBe(hasHotPixels)
    // The histogram spends its width on the window too.
    const [first, last] = histogramRange(statistics, [low, high])
    expect((high - low) / (last - first)).toBeGreaterThan(0.5)
    expect(histogramPath(statistics, [first, last])).toMatch(/^M[-\d.]+ 1(L[-\d.]+ [\d.]+)+Z$/)
  })
})
