import type { Predictor } from '../engine/engine.ts'
import { CancelledError } from '../errors.ts'
import type { ImageSource } from '../images/image-source.ts'
import { rangesForImage } from '../images/normalise.ts'
import { shrinkFactor, shrinkImage } from '../images/shrink.ts'
import type { Network } from '../network/network.ts'
import type { Normalisation } from '../plan/plan.ts'
import { BandAccumulator } from './band-accumulator.ts'
import type { Band } from './band.ts'
import { enlargeBands } from './enlarge-bands.ts'
import { LabelAccumulator } from './label-accumulator.ts'
import { addMirrored, mirrorings } from './mirror.ts'
import { padTo, RowWindow } from './row-window.ts'
import { tileImage, type AxisTile, type Tiling, type TilingLimits } from './tiling.ts'

/** Memory of the rows under way that probabilities are wanted of, `[classes, rows, width]`: it bounds the tiles' height in wide images. */
const bandBytes = 2 ** 28

/**
 * The network's memory by pixel of a tile, in bytes: the most of MobileNetV2 and Pix2Pix on ONNX Runtime 1.30, whose
 * arena grows in powers of two, at 960 x 960 to 2048 x 2048 (from 680).
 */
const networkBytesPerPixel = 900

/** Nothing is gained beyond the images of today's cameras; what is larger is a mosaic, and is cut. */
const largestWhole = 2304 * 2304

/**
 * How images are cut where so much memory is free; the network takes half of it at most. The result does not depend
 * on it: with a margin of 256 pixels, what a tile misses of its surroundings changed probabilities by less than 1e-6
 * in three trained networks (224: 2e-5, and 7e-3 in one that nobody trained; 192: 9e-4; 128: 3e-2, which can be seen).
 * Half the field of view is about 300 pixels, but its rim weighs nothing. Of a tile of 1152 pixels the middle 608 are new:
 * each pixel is computed three and a half times.
 */
export function chooseTiling(freeBytes: number): PredictionSettings['tiling'] {
  const affordable = freeBytes / 2 / networkBytesPerPixel
  const tilePixels = 1152 * 1152
  const wholePixels = Math.max(tilePixels, Math.min(largestWhole, affordable))
  return { wholePixels, tilePixels, margin: 256, blend: 32 }
}

export interface PredictionSettings {
  network: Pick<Network, 'inputChannels' | 'classes' | 'stride'>
  normalisation: Normalisation
  /** The plan's: 1, 1/2, 1/4, ... */
  imageScale: number
  tiling: Omit<TilingLimits, 'tileRows'>
}

/** An image whose first rows are read, so that the network can start on it at once. */
export interface PreparedImage {
  settings: PredictionSettings
  /** Of the file. */
  width: number
  height: number
  shrinkFactor: number
  tiling: Tiling
  window: RowWindow
}

export interface PredictionOptions {
  /** The mean over the image and its three mirror images: four times the work. */
  flips: boolean
  /** Whether bands carry probabilities. */
  probabilities: boolean
  signal?: AbortSignal | undefined
  /** After every tile; the fraction of the image that is done. */
  onProgress?: ((fraction: number) => void) | undefined
}

/**
 * Cuts one page of an image into tiles and reads the first of them. The source must stay open until the
 * prediction has ended.
 * @param probabilities whether they will be asked for: of a wide image, low tiles then keep memory in bounds
 * @throws SegscopeError where the file cannot be read, or `channels-mismatch`; RangeError for a scale that is not 1 over a whole number
 */
export async function prepareImage(
  source: ImageSource,
  page: number,
  settings: PredictionSettings,
  probabilities = true,
): Promise<PreparedImage> {
  const { network, normalisation, imageScale, tiling: limits } = settings
  const { inputChannels: channels, stride } = network
  const factor = shrinkFactor(imageScale)
  const image = shrinkImage(pageOf(source, page), factor)
  const { width, height } = image.info
  const ranges = await rangesForImage(image, normalisation, channels)
  const tileRows =
    probabilities || factor > 1
      ? bandBytes / (network.classes * width * Float32Array.BYTES_PER_ELEMENT)
      : Infinity
  const tiling = tileImage(padTo(width, stride), padTo(height, stride), stride, { ...limits, tileRows })
  const rows = (tiling.rows[0] as AxisTile).size
  const window = new RowWindow(image, channels, ranges, stride, rows)
  window.moveTo(0, await window.readAhead(0))
  return {
    settings,
    width: source.info.width,
    height: source.info.height,
    shrinkFactor: factor,
    tiling,
    window,
  }
}

/** One page as an image of its own. */
function pageOf(source: ImageSource, page: number): ImageSource {
  return {
    path: source.path,
    info: { ...source.info, pages: 1 },
    read: (region) => source.read(region, page),
    close: () => source.close(),
  }
}

/**
 * Segments a prepared image, once: bands of rows from top to bottom. Memory is that of one row of tiles, whatever
 * the image's height. The next rows are read while the network works on these.
 * @param predictor one with `output: 'probabilities'`
 * @throws SegscopeError where the file cannot be read or the engine fails; CancelledError, between two tiles
 */
export function predictImage(
  predictor: Predictor,
  image: PreparedImage,
  options: PredictionOptions,
): AsyncGenerator<Band, void, undefined> {
  if (image.shrinkFactor === 1) return predictTiles(predictor, image, options)
  const bands = predictTiles(predictor, image, { ...options, probabilities: true })
  return enlargeBands(bands, image, options.probabilities)
}

async function* predictTiles(
  predictor: Predictor,
  image: PreparedImage,
  options: PredictionOptions,
): AsyncGenerator<Band, void, undefined> {
  const { window, settings } = image
  const width = Math.ceil(image.width / image.shrinkFactor)
  const height = Math.ceil(image.height / image.shrinkFactor)
  const { rows, columns } = image.tiling
  const Accumulator = options.probabilities ? BandAccumulator : LabelAccumulator
  const accumulator = new Accumulator(settings.network.classes, width, height, image.tiling)
  const tile = new TilePredictor(predictor, image, options.flips)
  let done = 0
  for (const index of rows.keys()) {
    const below = rows[index + 1]
    // Settled, so that a file that fails while the network works is not an unhandled rejection.
    const ahead = Promise.allSettled(below === undefined ? [] : [window.readAhead(below.start)])
    try {
      for (const [place, column] of columns.entries()) {
        if (options.signal?.aborted === true) throw new CancelledError()
        accumulator.add(await tile.predict(column), { row: index, column: place })
        options.onProgress?.(++done / (rows.length * columns.length))
      }
    } finally {
      await ahead
    }
    yield accumulator.take(index)
    const [read] = await ahead
    if (read?.status === 'rejected') throw read.reason
    if (below === undefined || read === undefined) return
    window.moveTo(below.start, read.value)
  }
}

/** Runs the network on tiles of one size, all from the window's rows. */
class TilePredictor {
  private readonly predictor: Predictor
  private readonly image: PreparedImage
  private readonly input: Float32Array
  private readonly mirrored: Float32Array | undefined
  private readonly mean: Float32Array | undefined

  constructor(predictor: Predictor, image: PreparedImage, flips: boolean) {
    const { inputChannels, classes } = image.settings.network
    const area = image.window.rows * (image.tiling.columns[0] as AxisTile).size
    this.predictor = predictor
    this.image = image
    this.input = new Float32Array(inputChannels * area)
    this.mirrored = flips ? new Float32Array(this.input.length) : undefined
    this.mean = flips ? new Float32Array(classes * area) : undefined
  }

  /** Probabilities, `[classes, rows, column.size]`, until the next call. */
  async predict(column: AxisTile): Promise<Float32Array> {
    const { input, mirrored, mean } = this
    const { window } = this.image
    window.copyTile(column.start, column.size, input)
    if (mirrored === undefined || mean === undefined) return this.run(input, column.size)
    mean.fill(0)
    for (const mirroring of mirrorings) {
      mirrored.fill(0)
      addMirrored(mirrored, input, window.rows, column.size, mirroring, 1)
      const output = await this.run(mirrored, column.size)
      addMirrored(mean, output, window.rows, column.size, mirroring, 1 / mirrorings.length)
    }
    return mean
  }

  private async run(data: Float32Array, width: number): Promise<Float32Array> {
    const { rows: height, channels } = this.image.window
    const output = await this.predictor.run({ data, batch: 1, channels, height, width })
    return output.data
  }
}
