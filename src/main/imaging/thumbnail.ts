import sharp from 'sharp'
import type { Raster } from '../../model/images/image-source.ts'
import { THUMBNAIL_SIZE } from '../../preload/contract/addresses.ts'
import { measureValues } from './channel-statistics.ts'
import { halve } from './pyramid/halve.ts'

/** Percentiles that become black and white: hot pixels and dust do not set the contrast. */
const BLACK_PERCENTILE = 0.5
const WHITE_PERCENTILE = 99.8
/** Where a few bright cells lie on black the mean is lifted towards this share of white, so that dim ones show too. */
const DARKEST_MEAN = 0.2
const STRONGEST_GAMMA = 0.5
const WEBP_QUALITY = 80

/**
 * A plane as a small picture, WebP, its contrast stretched to its own range whatever its bit depth. Three channels are
 * shown as red, green and blue, otherwise the first one in grey.
 */
export async function encodeThumbnail(plane: Raster): Promise<Uint8Array<ArrayBuffer>> {
  let raster = chooseChannels(plane)
  while (Math.max(raster.width, raster.height) >= 2 * THUMBNAIL_SIZE) raster = halve(raster)
  const { width, height, channels } = raster
  const webp = await sharp(stretch(raster), { raw: { width, height, channels: channels === 3 ? 3 : 1 } })
    .resize({ width: THUMBNAIL_SIZE, height: THUMBNAIL_SIZE, fit: 'inside', withoutEnlargement: true })
    .webp({ quality: WEBP_QUALITY })
    .toBuffer()
  // Sharp's own memory is not ours to give away.
  return new Uint8Array(webp)
}

function chooseChannels({ samples, channels, width, height }: Raster): Raster {
  const shown = channels === 3 ? 3 : 1
  return { samples: samples.subarray(0, shown * width * height), channels: shown, width, height }
}

/** Interleaved, 8 bits; all channels by the same range, so that colours keep their balance. */
function stretch({ samples, channels, width, height }: Raster): Uint8Array {
  const { percentiles } = measureValues(samples)
  const black = percentiles[BLACK_PERCENTILE * 10] as number
  const white = percentiles[WHITE_PERCENTILE * 10] as number
  // A flat image comes out grey, not as noise.
  const shade = (value: number): number =>
    white > black ? Math.min(1, Math.max(0, (value - black) / (white - black))) : 0.5
  const mean = percentiles.reduce((sum, value) => sum + shade(value), 0) / percentiles.length
  const gamma = Math.min(1, Math.max(STRONGEST_GAMMA, Math.log(DARKEST_MEAN) / Math.log(mean)))
  const pixels = width * height
  const shown = new Uint8Array(channels * pixels)
  for (let channel = 0; channel < channels; channel++) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      const value = samples[channel * pixels + pixel] as number
      shown[pixel * channels + channel] = Math.round(255 * shade(value) ** gamma)
    }
  }
  return shown
}
