import type { Predictor } from '../engine/engine.ts'
import { cropImage } from '../images/crop.ts'
import type { ImageSource, Region } from '../images/image-source.ts'
import { type ChannelRange, rangesForImage } from '../images/normalise.ts'
import { shrinkFactor, shrinkImage } from '../images/shrink.ts'
import { type PredictionSettings, predictImage, prepareImage } from './predict-image.ts'

/**
 * A plane no larger than this, as the network sees it, is predicted as a whole: cut into parts it would take as long
 * for the first of them. About 1.5 s with the usual network on two cores.
 */
const wholePixels = 1.5 * 2 ** 20
/** Side of the squares that larger planes are predicted in, as the network sees them. */
const partSide = 512
/** Around them, for context: see `chooseTiling`. A multiple of every network's stride. */
const margin = 256

/** How a network sees images. */
export type PartSettings = Omit<PredictionSettings, 'tiling'>

/** A part of a plane, predicted. */
export interface PredictedPart extends Region {
  /** `[height, width]`: the most probable of the network's classes. */
  classes: Uint8Array<ArrayBuffer>
  /** `[height, width]`: 1 less that class's probability, in 255ths. */
  uncertainty: Uint8Array<ArrayBuffer>
}

/**
 * The part of a plane that is predicted together with a pixel: always the same for all pixels of it.
 * @param plane the image's size
 */
export function partWith(
  x: number,
  y: number,
  plane: { width: number; height: number },
  imageScale: number,
): Region {
  const { width, height } = plane
  const factor = shrinkFactor(imageScale)
  if (width * height <= wholePixels * factor * factor) return { x: 0, y: 0, width, height }
  const side = partSide * factor
  const left = Math.floor(x / side) * side
  const top = Math.floor(y / side) * side
  return { x: left, y: top, width: Math.min(side, width - left), height: Math.min(side, height - top) }
}

/**
 * The ranges that all parts of a page are normalised with: those that `predictImage` uses for the whole of it.
 * @throws SegscopeError as `rangesForImage`
 */
export async function rangesForPage(
  source: ImageSource,
  page: number,
  { network, normalisation, imageScale }: PartSettings,
): Promise<ChannelRange[]> {
  const { width, height } = source.info
  const whole = cropImage(source, page, { x: 0, y: 0, width, height })
  return rangesForImage(shrinkImage(whole, shrinkFactor(imageScale)), normalisation, network.inputChannels)
}

/**
 * Predicts one part as `predictImage` predicts it within the whole page: what surrounds it is seen, and thrown away.
 * @param predictor one with `output: 'probabilities'`
 * @param part as `partWith` tells
 * @param ranges as `rangesForPage` tells
 * @throws SegscopeError where the file cannot be read or the engine fails
 */
export async function predictPart(
  predictor: Predictor,
  source: ImageSource,
  page: number,
  part: Region,
  { settings, ranges }: { settings: PartSettings; ranges: ChannelRange[] },
): Promise<PredictedPart> {
  const window = surroundings(part, source.info, margin * shrinkFactor(settings.imageScale))
  const prepared = await prepareImage(cropImage(source, page, window), 0, {
    ...settings,
    normalisation: { channels: ranges, scope: 'data set' },
    tiling: { wholePixels: Infinity, tilePixels: Infinity, margin, blend: 32 },
  })
  const classes = new Uint8Array(part.width * part.height)
  const uncertainty = new Uint8Array(classes.length)
  const [left, top] = [part.x - window.x, part.y - window.y]
  for await (const band of predictImage(predictor, prepared, { flips: false, probabilities: true })) {
    const planes = band.probabilities as Float32Array[]
    const end = Math.min(band.y + band.height, top + part.height)
    for (let row = Math.max(band.y, top); row < end; row++) {
      const from = (row - band.y) * window.width + left
      const to = (row - top) * part.width
      for (let x = 0; x < part.width; x++) {
        const label = band.labels[from + x] as number
        classes[to + x] = label
        uncertainty[to + x] = Math.round(255 * (1 - (planes[label]?.[from + x] as number)))
      }
    }
  }
  return { ...part, classes, uncertainty }
}

/** The part with a margin, as far as the plane reaches. */
function surroundings(part: Region, plane: { width: number; height: number }, around: number): Region {
  const x = Math.max(0, part.x - around)
  const y = Math.max(0, part.y - around)
  return {
    x,
    y,
    width: Math.min(plane.width, part.x + part.width + around) - x,
    height: Math.min(plane.height, part.y + part.height + around) - y,
  }
}
