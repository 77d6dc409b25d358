import type { ChannelStatistics } from '../../preload/contract/images.ts'
import { percentileValue, type Window } from './contrast.ts'

/** What lies above is far fewer pixels than a cell has: it may be cut off, as hot pixels would take all the width. */
const SHOWN_PERCENTILE = 99.9
/** Room above that, as a part of what is shown. */
const HEADROOM = 0.25

/** Values from the left to the right end of a histogram: those that matter, and the window. */
export function histogramRange(statistics: ChannelStatistics, window: Window): Window {
  const { minimum, maximum } = statistics
  const above = percentileValue(statistics, SHOWN_PERCENTILE)
  const low = Math.min(minimum, window[0])
  const high = Math.max(window[1], Math.min(maximum, above + HEADROOM * (above - minimum)))
  return high > low ? [low, high] : [low, low + 1]
}

/**
 * The outline of a histogram as an SVG path in a square of side 1, y down. Counts are drawn by their logarithm, so that a few
 * bright cells show beside a large background.
 */
export function histogramPath(
  { minimum, maximum, histogram }: ChannelStatistics,
  [low, high]: Window,
): string {
  const highest = Math.log1p(Math.max(1, ...histogram))
  const binWidth = (maximum - minimum) / histogram.length
  const place = (value: number): string => ((value - low) / (high - low)).toFixed(4)
  const steps = histogram.map((count, bin) => {
    const y = (1 - Math.log1p(count) / highest).toFixed(4)
    return `L${place(minimum + bin * binWidth)} ${y}L${place(minimum + (bin + 1) * binWidth)} ${y}`
  })
  return `M${place(minimum)} 1${steps.join('')}L${place(maximum)} 1Z`
}
