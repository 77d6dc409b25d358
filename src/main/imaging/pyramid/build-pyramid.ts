import type { ImageSource, Raster, Samples } from '../../../model/images/image-source.ts'
import { PIXEL_TILE_SIZE } from '../../../preload/contract/addresses.ts'
import { ChannelSampler } from '../channel-statistics.ts'
import { TemporaryFile } from '../temporary-file.ts'
import { halve } from './halve.ts'
import { bytesOf, cut, inShownType } from './image-view.ts'
import { countLevels, levelSize } from './levels.ts'
import { encodeFacts, PyramidLayout } from './pyramid-file.ts'

/** 0 where the file can only be decoded as a whole: its pixels are then kept as tiles too. */
export function firstLevelOf({ info }: Pick<ImageSource, 'info'>): number {
  return info.isReadWhole === true ? 0 : 1
}

/**
 * Makes the file of a plane's levels, reading the plane once, in bands of one row of tiles. Memory is about twice such a
 * band: 40 MB for 20,000 pixels of 16 bits across.
 * @param onBand called after each band
 * @throws SegscopeError as `ImageSource.read` and `outputError`; the signal's reason
 */
export async function buildPyramid(
  source: ImageSource,
  page: number,
  file: string,
  { signal, onBand }: { signal: AbortSignal; onBand: () => void },
): Promise<void> {
  const { info } = source
  const firstLevel = firstLevelOf(source)
  const layout = new PyramidLayout(info, firstLevel)
  const sampler = new ChannelSampler(info.channels, info.width * info.height)
  const output = await TemporaryFile.create(file)
  try {
    const levels = new LevelRows(info, layout, output)
    for (let y = 0; y < info.height; y += PIXEL_TILE_SIZE) {
      signal.throwIfAborted()
      const height = Math.min(PIXEL_TILE_SIZE, info.height - y)
      const band = inShownType(await source.read({ x: 0, y, width: info.width, height }, page))
      sampler.add(band)
      await levels.add(0, band)
      onBand()
    }
    await output.write(encodeFacts({ info, firstLevel, statistics: sampler.measure() }), layout.tileBytes)
    await output.commit()
  } finally {
    await output.discard()
  }
}

/** Rows of every level on their way: when a row of tiles is full, it is written, and its half goes to the next level. */
class LevelRows {
  readonly #info: { width: number; height: number }
  readonly #layout: PyramidLayout
  readonly #output: TemporaryFile
  /** By level: what came after the last full row of tiles. */
  readonly #pending = new Map<number, Raster>()
  /** By level: the next row of tiles. */
  readonly #rows: number[] = []

  constructor(info: { width: number; height: number }, layout: PyramidLayout, output: TemporaryFile) {
    this.#info = info
    this.#layout = layout
    this.#output = output
  }

  async add(level: number, raster: Raster): Promise<void> {
    const pending = this.#pending.get(level)
    const rows = pending === undefined ? raster : stack(pending, raster)
    const row = this.#rows[level] ?? 0
    const isLast = row * PIXEL_TILE_SIZE + rows.height === levelSize(this.#info, level).height
    if (rows.height < PIXEL_TILE_SIZE && !isLast) {
      this.#pending.set(level, rows)
      return
    }
    this.#pending.delete(level)
    this.#rows[level] = row + 1
    if (level >= this.#layout.firstLevel) await this.#writeTiles(level, row, rows)
    if (level + 1 < countLevels(this.#info)) await this.add(level + 1, halve(rows))
  }

  async #writeTiles(level: number, row: number, raster: Raster): Promise<void> {
    const { width, height } = raster
    for (let channel = 0; channel < raster.channels; channel++) {
      for (let x = 0; x < width; x += PIXEL_TILE_SIZE) {
        const region = { x, y: 0, width: Math.min(PIXEL_TILE_SIZE, width - x), height }
        const place = this.#layout.locate({ channel, level, column: x / PIXEL_TILE_SIZE, row })
        if (place === undefined) throw new RangeError('A tile outside of its pyramid.')
        await this.#output.write(bytesOf(cut(raster, channel, region)), place.offset)
      }
    }
  }
}

/** One raster below another. */
function stack(upper: Raster, lower: Raster): Raster {
  const { channels, width } = upper
  const height = upper.height + lower.height
  const Constructor = upper.samples.constructor as Uint8ArrayConstructor
  const samples: Samples = new Constructor(channels * width * height)
  for (let channel = 0; channel < channels; channel++) {
    samples.set(cut(upper, channel), channel * width * height)
    samples.set(cut(lower, channel), (channel * height + upper.height) * width)
  }
  return { samples, channels, width, height }
}
