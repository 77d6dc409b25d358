import { LABEL_TILE_SIZE, type LabelTiles } from '../../../preload/contract/label-tiles.ts'
import type { Plane } from '../../../preload/contract/labels.ts'
import type { Rectangle, Size } from '../../viewer/camera.ts'
import { UNLABELLED } from '../label-values.ts'

const SIZE = LABEL_TILE_SIZE
/** Up to 8192 x 8192 pixels a plane's labels are fetched at once. */
const WHOLE_PLANE_TILES = 1024

/** Tiles, both ends included. */
export interface TileRange {
  columns: [first: number, last: number]
  rows: [first: number, last: number]
}

/** Fetches the stored label tiles of a range; without one, all of the plane. */
export type FetchTiles = (range?: TileRange) => Promise<LabelTiles>

/** Told which pixels of a tile are others now: a rectangle within the tile. */
export type TileListener = (column: number, row: number, pixels: Rectangle) => void

/**
 * This page's copy of one plane's labels: tiles, fetched when they are needed. What is not stored is unlabelled, and
 * takes no memory.
 */
export class LabelPlane {
  readonly plane: Plane
  readonly width: number
  readonly height: number
  readonly columns: number
  readonly rows: number
  /** Of the labels that strokes are painted on: the last that the main process told. */
  revision = 0
  readonly #fetch: FetchTiles
  readonly #tiles = new Map<number, Uint8Array<ArrayBuffer>>()
  /** By tile, its loading: settled where it is here. */
  readonly #loading = new Map<number, Promise<void>>()
  readonly #loaded = new Set<number>()
  /** By tile, what is to be done to it as soon as it is here. */
  readonly #awaiting = new Map<number, (() => void)[]>()
  readonly #listeners = new Set<TileListener>()
  /** Changed pixels that the listeners do not know of yet. */
  readonly #untold = new Map<number, Rectangle>()
  #hasRevision = false
  /** Counts how often tiles were forgotten: what was asked for before is out of date. */
  #generation = 0

  constructor(plane: Plane, size: Size, fetch: FetchTiles) {
    this.plane = plane
    this.width = size.width
    this.height = size.height
    this.columns = Math.ceil(size.width / SIZE)
    this.rows = Math.ceil(size.height / SIZE)
    this.#fetch = fetch
  }

  /** Whether all tiles are fetched together. */
  get isWhole(): boolean {
    return this.columns * this.rows <= WHOLE_PLANE_TILES
  }

  contains(x: number, y: number): boolean {
    return x >= 0 && y >= 0 && x < this.width && y < this.height
  }

  isLoaded(column: number, row: number): boolean {
    return this.#loaded.has(this.#key(column, row))
  }

  /** The tiles that are here, those without labels included. */
  loadedTiles(): [column: number, row: number][] {
    return Array.from(this.#loaded, (key) => [key % this.columns, Math.floor(key / this.columns)])
  }

  /** Undefined where nothing is labelled, or the tile is not here yet. Not to be changed but by strokes. */
  tile(column: number, row: number): Uint8Array<ArrayBuffer> | undefined {
    return this.#tiles.get(this.#key(column, row))
  }

  /** The tile to be changed; whoever does, tells by `tell`. */
  writableTile(column: number, row: number): Uint8Array<ArrayBuffer> {
    const key = this.#key(column, row)
    let values = this.#tiles.get(key)
    if (values === undefined) {
      values = new Uint8Array(SIZE * SIZE).fill(UNLABELLED)
      this.#tiles.set(key, values)
    }
    return values
  }

  /** The label of a pixel; undefined outside the image and where it is not here yet. */
  valueAt(x: number, y: number): number | undefined {
    const [column, row] = [Math.floor(x / SIZE), Math.floor(y / SIZE)]
    if (!this.contains(x, y) || !this.isLoaded(column, row)) return undefined
    const at = (Math.floor(y) - row * SIZE) * SIZE + Math.floor(x) - column * SIZE
    return this.tile(column, row)?.[at] ?? UNLABELLED
  }

  /**
   * Fetches those tiles of a range that are not here, or on their way, already.
   * @throws what fetching throws; the tiles can be asked for again
   */
  async load(range: TileRange): Promise<void> {
    const whole: TileRange = { columns: [0, this.columns - 1], rows: [0, this.rows - 1] }
    const wanted = this.isWhole ? whole : intersect(range, whole)
    const missing: [column: number, row: number][] = []
    const waiting = new Set<Promise<void>>()
    for (const [column, row] of tilesOf(wanted)) {
      const loading = this.#loading.get(this.#key(column, row))
      if (loading === undefined) missing.push([column, row])
      else waiting.add(loading)
    }
    if (missing.length > 0) {
      const loading = this.#fetchTiles(missing)
      waiting.add(loading)
      for (const [column, row] of missing) this.#loading.set(this.#key(column, row), loading)
    }
    await Promise.all(waiting)
  }

  async #fetchTiles(missing: readonly (readonly [column: number, row: number])[]): Promise<void> {
    const generation = this.#generation
    let fetched: LabelTiles
    try {
      fetched = await this.fetch(missing)
    } catch (thrown) {
      for (const [column, row] of missing) this.#loading.delete(this.#key(column, row))
      throw thrown
    }
    if (generation !== this.#generation) {
      await this.#fetchTiles(missing)
      return
    }
    if (!this.#hasRevision) {
      this.#hasRevision = true
      this.revision = fetched.revision
    }
    const asked = new Set(missing.map(([column, row]) => this.#key(column, row)))
    for (const key of asked) this.#loaded.add(key)
    for (const { column, row, values } of fetched.tiles) {
      if (!asked.has(this.#key(column, row))) continue
      this.replaceTile(column, row, values)
    }
    for (const key of asked) this.#settle(key)
  }

  #settle(key: number): void {
    for (const use of this.#awaiting.get(key) ?? []) use()
    this.#awaiting.delete(key)
  }

  /** Fetches tiles as they are stored now, and leaves those that are here as they are. */
  async fetch(tiles: readonly (readonly [column: number, row: number])[]): Promise<LabelTiles> {
    return await this.#fetch(this.isWhole ? undefined : around(tiles))
  }

  /** Does something to a tile: now, or, after all that waits for it already, when it is here. */
  whenLoaded(column: number, row: number, use: () => void): void {
    const key = this.#key(column, row)
    if (this.#loaded.has(key)) {
      use()
      return
    }
    const awaiting = this.#awaiting.get(key)
    if (awaiting !== undefined) {
      awaiting.push(use)
      return
    }
    this.#awaiting.set(key, [use])
    // A stroke that waits for the tile loads it once more when it is saved, and tells then why it cannot.
    this.load({ columns: [column, column], rows: [row, row] }).catch(() => undefined)
  }

  /** Puts labels in place of those that are here: the main process has others. */
  replaceTile(column: number, row: number, values: Uint8Array<ArrayBuffer>): void {
    this.#tiles.set(this.#key(column, row), values)
    this.tell(column, row, { x: 0, y: 0, width: SIZE, height: SIZE })
  }

  /** Drops all tiles but some; they are fetched again when they are needed. */
  forgetTiles(keep: (column: number, row: number) => boolean): void {
    this.#generation++
    for (const [column, row] of this.loadedTiles()) {
      if (keep(column, row)) continue
      const key = this.#key(column, row)
      this.#loaded.delete(key)
      this.#loading.delete(key)
      if (this.#tiles.delete(key)) this.tell(column, row, { x: 0, y: 0, width: SIZE, height: SIZE })
    }
  }

  /** Lets the listeners know, once for all that this turn of the page's work changes. */
  tell(column: number, row: number, pixels: Rectangle): void {
    if (this.#untold.size === 0) queueMicrotask(() => this.#tellListeners())
    const key = this.#key(column, row)
    this.#untold.set(key, union(this.#untold.get(key), pixels))
  }

  #tellListeners(): void {
    const changes = [...this.#untold]
    this.#untold.clear()
    for (const [key, pixels] of changes) {
      for (const listener of this.#listeners) {
        listener(key % this.columns, Math.floor(key / this.columns), pixels)
      }
    }
  }

  /** @returns how to stop listening */
  onChange(listener: TileListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #key(column: number, row: number): number {
    return row * this.columns + column
  }
}

export function* tilesOf({ columns, rows }: TileRange): Generator<[column: number, row: number]> {
  for (let row = rows[0]; row <= rows[1]; row++) {
    for (let column = columns[0]; column <= columns[1]; column++) yield [column, row]
  }
}

/** The smallest rectangle that holds both. */
export function union(one: Rectangle | undefined, other: Rectangle): Rectangle {
  if (one === undefined) return other
  const [x, y] = [Math.min(one.x, other.x), Math.min(one.y, other.y)]
  return {
    x,
    y,
    width: Math.max(one.x + one.width, other.x + other.width) - x,
    height: Math.max(one.y + one.height, other.y + other.height) - y,
  }
}

function intersect(one: TileRange, other: TileRange): TileRange {
  const both = (a: [number, number], b: [number, number]): [number, number] => [
    Math.max(a[0], b[0]),
    Math.min(a[1], b[1]),
  ]
  return { columns: both(one.columns, other.columns), rows: both(one.rows, other.rows) }
}

/** The smallest range that holds the tiles. */
export function around(tiles: readonly (readonly [column: number, row: number])[]): TileRange {
  const columns = tiles.map(([column]) => column)
  const rows = tiles.map(([, row]) => row)
  return {
    columns: [Math.min(...columns), Math.max(...columns)],
    rows: [Math.min(...rows), Math.max(...rows)],
  }
}
