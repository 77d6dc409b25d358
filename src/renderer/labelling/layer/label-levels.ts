import { halveLabels, LAST_LABEL_LEVEL } from '../../../preload/contract/label-levels.ts'
import { LABEL_TILE_SIZE, type LabelTiles } from '../../../preload/contract/label-tiles.ts'
import type { Rectangle } from '../../viewer/camera.ts'
import { UNLABELLED } from '../label-values.ts'
import { around, type LabelPlane, type TileRange, tilesOf } from '../plane/label-plane.ts'

const SIZE = LABEL_TILE_SIZE

/** Told which pixels of a level's tile are others now. */
export type LevelListener = (level: number, column: number, row: number, pixels: Rectangle) => void

/**
 * A plane's labels at full size (level 0) and reduced, each level half of the one before. Of planes that are here as a
 * whole the levels are made here; of larger ones they are fetched. Either way they follow the strokes at once.
 */
export class LabelLevels {
  readonly plane: LabelPlane
  readonly lastLevel: number
  readonly #fetch: (level: number, range: TileRange) => Promise<LabelTiles>
  readonly #tiles = new Map<string, Uint8Array<ArrayBuffer>>()
  /** Of a plane that is not here as a whole: levels' tiles that are here, or on their way. */
  readonly #asked = new Set<string>()
  readonly #listeners = new Set<LevelListener>()
  readonly #stopListening: () => void

  constructor(plane: LabelPlane, fetch: (level: number, range: TileRange) => Promise<LabelTiles>) {
    this.plane = plane
    this.#fetch = fetch
    const levels = Math.ceil(Math.log2(Math.max(plane.columns, plane.rows)))
    this.lastLevel = Math.min(LAST_LABEL_LEVEL, Math.max(0, levels))
    this.#stopListening = plane.onChange((column, row, pixels) => this.#follow(column, row, pixels))
  }

  dispose(): void {
    this.#stopListening()
  }

  /** Undefined where nothing is labelled, or it is not here yet. */
  tile(level: number, column: number, row: number): Uint8Array<ArrayBuffer> | undefined {
    if (level === 0) return this.plane.tile(column, row)
    const name = nameOf(level, column, row)
    if (!this.#tiles.has(name) && this.plane.isWhole) this.#make(level, column, row)
    return this.#tiles.get(name)
  }

  /**
   * Fetches what is missing of a range of a level's tiles.
   * @throws RequestProblem
   */
  async load(level: number, range: TileRange): Promise<void> {
    if (level === 0 || this.plane.isWhole) {
      await this.plane.load(range)
      return
    }
    const missing = [...tilesOf(range)].filter(
      ([column, row]) => !this.#asked.has(nameOf(level, column, row)),
    )
    if (missing.length === 0) return
    const names = new Set(missing.map(([column, row]) => nameOf(level, column, row)))
    for (const name of names) this.#asked.add(name)
    let fetched: LabelTiles
    try {
      fetched = await this.#fetch(level, around(missing))
    } catch (thrown) {
      for (const name of names) this.#asked.delete(name)
      throw thrown
    }
    for (const { column, row, values } of fetched.tiles) {
      if (names.has(nameOf(level, column, row))) this.#tiles.set(nameOf(level, column, row), values)
    }
    for (const [column, row] of missing) {
      // What was painted meanwhile is not in what was fetched.
      this.#make(level, column, row)
      this.#tell(level, column, row, wholeTile)
    }
  }

  /** @returns how to stop listening */
  onChange(listener: LevelListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  #follow(column: number, row: number, pixels: Rectangle): void {
    this.#tell(0, column, row, pixels)
    for (let level = 1; level <= this.lastLevel; level++) {
      const [ownColumn, ownRow] = [column >> level, row >> level]
      const name = nameOf(level, ownColumn, ownRow)
      if (!this.plane.isLoaded(column, row)) {
        this.#asked.delete(name)
        this.#tell(level, ownColumn, ownRow, wholeTile)
      } else if (this.#tiles.has(name) || this.#asked.has(name)) {
        this.#tell(level, ownColumn, ownRow, this.#reduce(level, column, row, pixels))
      } else if (this.plane.isWhole) {
        this.#tell(level, ownColumn, ownRow, wholeTile)
      }
    }
  }

  /** From the tiles of level 0 that are here. */
  #make(level: number, column: number, row: number): void {
    const last = 2 ** level - 1
    const [left, top] = [column * 2 ** level, row * 2 ** level]
    const below: TileRange = {
      columns: [left, Math.min(left + last, this.plane.columns - 1)],
      rows: [top, Math.min(top + last, this.plane.rows - 1)],
    }
    for (const [tileColumn, tileRow] of tilesOf(below)) {
      if (this.plane.tile(tileColumn, tileRow) !== undefined) {
        this.#reduce(level, tileColumn, tileRow, wholeTile)
      }
    }
  }

  /** Brings a part of a tile of level 0 into a level. Returns where it is in the level's tile. */
  #reduce(level: number, column: number, row: number, pixels: Rectangle): Rectangle {
    const step = 2 ** level
    const [firstX, firstY] = [Math.floor(pixels.x / step), Math.floor(pixels.y / step)]
    const width = Math.ceil((pixels.x + pixels.width) / step) - firstX
    const height = Math.ceil((pixels.y + pixels.height) / step) - firstY
    const x = (column % step) * (SIZE / step) + firstX
    const y = (row % step) * (SIZE / step) + firstY
    const source = this.plane.tile(column, row)
    const name = nameOf(level, column >> level, row >> level)
    let tile = this.#tiles.get(name)
    if (tile === undefined) {
      if (source === undefined) return { x, y, width, height }
      tile = new Uint8Array(SIZE * SIZE).fill(UNLABELLED)
      this.#tiles.set(name, tile)
    }
    let part = cut(source, { x: firstX * step, y: firstY * step, width: width * step, height: height * step })
    for (let size = width * step; size > width; size /= 2) part = halveLabels(part, size)
    for (let line = 0; line < height; line++) {
      tile.set(part.subarray(line * width, (line + 1) * width), (y + line) * SIZE + x)
    }
    return { x, y, width, height }
  }

  #tell(level: number, column: number, row: number, pixels: Rectangle): void {
    for (const listener of this.#listeners) listener(level, column, row, pixels)
  }
}

const wholeTile: Rectangle = { x: 0, y: 0, width: SIZE, height: SIZE }

function cut(tile: Uint8Array | undefined, { x, y, width, height }: Rectangle): Uint8Array<ArrayBuffer> {
  const part = new Uint8Array(width * height)
  if (tile === undefined) return part.fill(UNLABELLED)
  for (let line = 0; line < height; line++) {
    const start = (y + line) * SIZE + x
    part.set(tile.subarray(start, start + width), line * width)
  }
  return part
}

function nameOf(level: number, column: number, row: number): string {
  return `${level} ${column} ${row}`
}
