import { PIXEL_TILE_SIZE, pixelTileAddress } from '../../../preload/contract/addresses.ts'
import { LABEL_TILE_SIZE } from '../../../preload/contract/label-tiles.ts'
import type { ImageDetails } from '../../../preload/contract/images.ts'
import { decodeSamples, type TileSamples } from '../../viewer/samples.ts'
import { request } from '../../connection/request.ts'

/** Stored values of one channel of a tile of pixels. */
export interface RawTile {
  /** `[height, width]` */
  samples: TileSamples
  width: number
  height: number
}

/** Tiles are kept: 64 of 512 x 512 pixels in 16 bits are 32 MB. */
const KEPT_TILES = 64

/** The stored values of a channel of a page, fetched when they are asked for. */
export class RawValues {
  readonly #details: ImageDetails
  readonly #page: number
  /** By channel and place; the longest unused first. */
  readonly #tiles = new Map<string, Promise<RawTile>>()

  constructor(details: ImageDetails, page: number) {
    this.#details = details
    this.#page = page
  }

  /** @throws RequestProblem */
  tile(channel: number, column: number, row: number): Promise<RawTile> {
    const name = `${channel} ${column} ${row}`
    const tile = this.#tiles.get(name) ?? this.#fetch(channel, column, row)
    this.#tiles.delete(name)
    this.#tiles.set(name, tile)
    tile.catch(() => this.#tiles.delete(name))
    if (this.#tiles.size > KEPT_TILES) {
      const [oldest] = this.#tiles.keys() as Iterable<string>
      this.#tiles.delete(oldest as string)
    }
    return tile
  }

  async #fetch(channel: number, column: number, row: number): Promise<RawTile> {
    const { id, fingerprint, sampleType } = this.#details
    const at = { page: this.#page, channel, level: 0, column, row }
    const bytes = await request(pixelTileAddress(id, at, fingerprint))
    const width = Math.min(PIXEL_TILE_SIZE, this.#details.width - column * PIXEL_TILE_SIZE)
    const height = Math.min(PIXEL_TILE_SIZE, this.#details.height - row * PIXEL_TILE_SIZE)
    const samples = decodeSamples(bytes, sampleType, width * height)
    return { samples, width, height }
  }
}

/**
 * Which pixels of a label tile have values that differ from one by at most a tolerance: `[LABEL_TILE_SIZE,
 * LABEL_TILE_SIZE]`, 1 or 0. Not-a-number is similar to nothing.
 * @param tile the tile of pixels that holds the label tile
 */
export function similarPixels(
  tile: RawTile,
  column: number,
  row: number,
  value: number,
  tolerance: number,
): Uint8Array {
  const mask = new Uint8Array(LABEL_TILE_SIZE * LABEL_TILE_SIZE)
  const left = (column * LABEL_TILE_SIZE) % PIXEL_TILE_SIZE
  const top = (row * LABEL_TILE_SIZE) % PIXEL_TILE_SIZE
  const width = Math.min(LABEL_TILE_SIZE, tile.width - left)
  const height = Math.min(LABEL_TILE_SIZE, tile.height - top)
  for (let y = 0; y < height; y++) {
    const start = (top + y) * tile.width + left
    for (let x = 0; x < width; x++) {
      const differs = Math.abs((tile.samples[start + x] as number) - value)
      if (differs <= tolerance) mask[y * LABEL_TILE_SIZE + x] = 1
    }
  }
  return mask
}
