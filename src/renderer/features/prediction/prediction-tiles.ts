import { PREDICTION_TILE_SIZE } from '../../../preload/contract/addresses.ts'
import { LABEL_TILE_SIZE } from '../../../preload/contract/label-tiles.ts'
import { decodePredictionTile, type PredictionTile } from '../../../preload/contract/prediction-tiles.ts'
import { request } from '../../connection/request.ts'
import { UNLABELLED } from '../../labelling/label-values.ts'

const SIZE = PREDICTION_TILE_SIZE
const LABEL_TILES_PER_TILE = SIZE / LABEL_TILE_SIZE
/** 64 MB; those seen lately stay. */
const MOST_TILES = 128

/** Column and row. */
export type TilePlace = readonly [column: number, row: number]

export interface PredictionTilesEvents {
  /** A tile came, or another is waited for. */
  changed(): void
  failed(thrown: unknown): void
}

/**
 * What a network says of one plane, as far as a page looked at it. Tiles are asked for one at a time: the main process
 * computes no faster for more, and the browser's few connections are needed for strokes.
 */
export class PredictionTiles {
  readonly #addressOf: (tile: { column: number; row: number }) => string
  readonly #events: PredictionTilesEvents
  /** The longest unused first. */
  readonly #tiles = new Map<string, PredictionTile>()
  #wanted: readonly TilePlace[] = []
  #loading: { name: string; controller: AbortController } | undefined
  #hasFailed = false

  /** @param addressOf a tile, such as `predictionTileAddress` */
  constructor(addressOf: (tile: { column: number; row: number }) => string, events: PredictionTilesEvents) {
    this.#addressOf = addressOf
    this.#events = events
  }

  /** Tiles that are wanted and not here yet. */
  get missing(): number {
    return this.#wanted.filter(([column, row]) => !this.#tiles.has(nameOf(column, row))).length
  }

  get(column: number, row: number): PredictionTile | undefined {
    const name = nameOf(column, row)
    const tile = this.#tiles.get(name)
    if (tile === undefined) return undefined
    this.#tiles.delete(name)
    this.#tiles.set(name, tile)
    return tile
  }

  /** Loads these, the first first, and nothing else. */
  want(places: readonly TilePlace[]): void {
    this.#wanted = places
    const loading = this.#loading
    if (loading !== undefined && !places.some(([column, row]) => nameOf(column, row) === loading.name)) {
      loading.controller.abort()
      this.#loading = undefined
    }
    this.#loadNext()
  }

  /** Asks again for what failed. */
  retry(): void {
    this.#hasFailed = false
    this.#loadNext()
  }

  dispose(): void {
    this.want([])
    this.#tiles.clear()
  }

  /** The classes of a label tile, `[LABEL_TILE_SIZE, LABEL_TILE_SIZE]`, UNLABELLED beyond the image; undefined: not here. */
  labels(column: number, row: number): Uint8Array<ArrayBuffer> | undefined {
    const tile = this.get(Math.floor(column / LABEL_TILES_PER_TILE), Math.floor(row / LABEL_TILES_PER_TILE))
    if (tile === undefined) return undefined
    const left = (column % LABEL_TILES_PER_TILE) * LABEL_TILE_SIZE
    const top = (row % LABEL_TILES_PER_TILE) * LABEL_TILE_SIZE
    const labels = new Uint8Array(LABEL_TILE_SIZE * LABEL_TILE_SIZE).fill(UNLABELLED)
    const right = Math.min(left + LABEL_TILE_SIZE, tile.width)
    for (let y = top; y < Math.min(top + LABEL_TILE_SIZE, tile.height); y++) {
      const start = y * tile.width
      if (left < right)
        labels.set(tile.values.subarray(start + left, start + right), (y - top) * LABEL_TILE_SIZE)
    }
    return labels
  }

  #loadNext(): void {
    if (this.#loading !== undefined || this.#hasFailed) return
    const next = this.#wanted.find(([column, row]) => !this.#tiles.has(nameOf(column, row)))
    if (next === undefined) return
    const loading = { name: nameOf(...next), controller: new AbortController() }
    this.#loading = loading
    void this.#load(next, loading.name, loading.controller.signal)
  }

  async #load([column, row]: TilePlace, name: string, signal: AbortSignal): Promise<void> {
    try {
      const bytes = await request(this.#addressOf({ column, row }), { signal })
      const tile = decodePredictionTile(new Uint8Array(bytes))
      if (signal.aborted) return
      this.#keep(name, tile)
    } catch (thrown) {
      if (signal.aborted) return
      this.#hasFailed = true
      this.#events.failed(thrown)
    }
    this.#loading = undefined
    this.#events.changed()
    this.#loadNext()
  }

  #keep(name: string, tile: PredictionTile): void {
    this.#tiles.set(name, tile)
    const wanted = new Set(this.#wanted.map(([column, row]) => nameOf(column, row)))
    for (const oldest of this.#tiles.keys()) {
      if (this.#tiles.size <= MOST_TILES) return
      if (!wanted.has(oldest)) this.#tiles.delete(oldest)
    }
  }
}

function nameOf(column: number, row: number): string {
  return `${column} ${row}`
}
