import type { ChannelLook, ChannelStatistics, ImageDetails } from '../../preload/contract/images.ts'
import type { ChannelSettings, ViewerSettings } from '../../preload/contract/viewer-settings.ts'

/** The values shown darkest and brightest. */
export type Window = readonly [low: number, high: number]

/**
 * One pixel in a thousand may be brighter than white: hot pixels and dust, which are far fewer, leave the contrast alone,
 * while small cells, which are more, keep their shades. On the low side the same for dead pixels.
 */
const LOW_PERCENTILE = 0.1
const HIGH_PERCENTILE = 99.9
/** A range of which the image takes less than this shows it nearly black. */
const LEAST_SHOWN = 0.05
/** Of `ChannelStatistics.percentiles`: steps of 0.1 %. */
const STEPS_PER_PERCENT = 10

/** Red, green and blue, for three channels. */
const PRIMARY_COLOURS = ['#ff0000', '#00ff00', '#0000ff']
/** Told apart by colour-blind people two by two: magenta and green first. */
const FLUORESCENCE_COLOURS = ['#ff00ff', '#00ff00', '#00ffff', '#ffff00', '#ff0000', '#0000ff']

/** The value below which a share of the pixels lies. */
export function percentileValue({ percentiles }: ChannelStatistics, percentile: number): number {
  const at = Math.min(percentiles.length - 1, Math.max(0, percentile * STEPS_PER_PERCENT))
  const below = percentiles[Math.floor(at)] as number
  const above = percentiles[Math.ceil(at)] as number
  return below + (above - below) * (at - Math.floor(at))
}

/** The window between two percentiles; of an image of one value, from there to the next. */
export function automaticWindow(
  statistics: ChannelStatistics,
  { lowPercentile, highPercentile }: Pick<ChannelSettings, 'lowPercentile' | 'highPercentile'>,
): Window {
  const low = percentileValue(statistics, lowPercentile)
  const high = percentileValue(statistics, highPercentile)
  // Where nearly all of the image has one value, what is left decides.
  return high > low ? [low, high] : openWindow(low, statistics.maximum)
}

/** A window has a width, be it one value. */
function openWindow(low: number, high: number): Window {
  return high > low ? [low, high] : [low, low + 1]
}

/** How a channel is shown until the person says otherwise: in the colour and range that its file gives it, if any. */
export function defaultChannel(channel: number, channels: number, look: ChannelLook = {}): ChannelSettings {
  const colours = channels === 3 ? PRIMARY_COLOURS : FLUORESCENCE_COLOURS
  return {
    shown: channel < colours.length,
    contrast: look.range === undefined ? 'automatic' : 'fixed',
    lowPercentile: LOW_PERCENTILE,
    highPercentile: HIGH_PERCENTILE,
    window: look.range === undefined ? [0, 1] : [look.range.low, look.range.high],
    gamma: 1,
    colourMap: channels === 1 && (look.colour === undefined || isGrey(look.colour)) ? 'grey' : 'colour',
    colour: look.colour ?? (colours[channel % colours.length] as string),
  }
}

/** '#rrggbb' */
function isGrey(colour: string): boolean {
  return colour.slice(1, 3) === colour.slice(3, 5) && colour.slice(3, 5) === colour.slice(5, 7)
}

/** A range that leaves nothing to be seen, as of an image that was scaled since, is none. */
function usableLook(look: ChannelLook | undefined, statistics: ChannelStatistics | undefined): ChannelLook {
  const { range, ...others } = look ?? {}
  if (range === undefined || statistics === undefined) return others
  const { low, high } = range
  const [dark, bright] = [
    percentileValue(statistics, LOW_PERCENTILE),
    percentileValue(statistics, HIGH_PERCENTILE),
  ]
  return low < bright && high > dark && bright - low >= LEAST_SHOWN * (high - low)
    ? { range, ...others }
    : others
}

/**
 * The settings of each channel of an image: the project's, where they were made for as many channels, as a grey image's say
 * nothing of a colour image's.
 */
export function channelsOf(
  settings: Pick<ViewerSettings, 'channels'>,
  { channels, channelLooks, statistics }: Pick<ImageDetails, 'channels' | 'channelLooks' | 'statistics'>,
): readonly ChannelSettings[] {
  if (settings.channels.length === channels) return settings.channels
  return Array.from({ length: channels }, (_, channel) =>
    defaultChannel(channel, channels, usableLook(channelLooks?.[channel], statistics[channel])),
  )
}

/**
 * The window of each channel. Red, green and blue of a photograph keep their balance: automatic windows are joined there.
 */
export function windowsOf(
  channels: readonly ChannelSettings[],
  details: Pick<ImageDetails, 'sampleType' | 'channels' | 'statistics'>,
): Window[] {
  const windows = channels.map((channel, index): Window => {
    const statistics = details.statistics[index]
    return channel.contrast === 'fixed' || statistics === undefined
      ? openWindow(...channel.window)
      : automaticWindow(statistics, channel)
  })
  if (!isPhotograph(details) || channels.some(({ contrast }) => contrast === 'fixed')) return windows
  const joined: Window = [
    Math.min(...windows.map(([low]) => low)),
    Math.max(...windows.map(([, high]) => high)),
  ]
  return windows.map(() => joined)
}

/** The settings after a person set a channel's window; a photograph's channels share it. */
export function withWindow(
  channels: readonly ChannelSettings[],
  changed: number,
  [low, high]: Window,
  details: Pick<ImageDetails, 'sampleType' | 'channels'>,
): ChannelSettings[] {
  return channels.map((channel, index) =>
    index === changed || isPhotograph(details)
      ? { ...channel, contrast: 'fixed', window: [low, high] }
      : channel,
  )
}

/** Red, green and blue of 8 bits: of a camera or a scanner for the eye, rather than three measurements. */
function isPhotograph(details: Pick<ImageDetails, 'sampleType' | 'channels'>): boolean {
  return details.sampleType === 'uint8' && details.channels === 3
}
