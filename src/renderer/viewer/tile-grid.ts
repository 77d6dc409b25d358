import { PIXEL_TILE_SIZE } from '../../preload/contract/addresses.ts'
import {
  type Camera,
  magnification,
  type Point,
  type Rectangle,
  type Size,
  visibleRectangle,
} from './camera.ts'

/** An image at several resolutions: level 0 is the image, each next has half the width and height, rounded up. */
export interface Pyramid extends Size {
  readonly levels: number
}

/** A square of PIXEL_TILE_SIZE pixels of a level; cut to the image at the right and lower edge. */
export interface Tile {
  readonly level: number
  readonly column: number
  readonly row: number
}

/** What is drawn from one tile: a rectangle of the image, in pixels of level 0. */
export interface TilePart {
  readonly tile: Tile
  readonly part: Rectangle
}

/** How many levels below a tile are looked through for what may stand in for it. */
const FINER_LEVELS_TRIED = 2

export function levelSize(pyramid: Pyramid, level: number): Size {
  return { width: Math.ceil(pyramid.width / 2 ** level), height: Math.ceil(pyramid.height / 2 ** level) }
}

/** The coarsest level whose pixels are no larger than the screen's, or the finest where the image is magnified. */
export function levelFor(camera: Camera, pyramid: Pyramid): number {
  const level = Math.floor(Math.log2(1 / magnification(camera)))
  return Math.min(pyramid.levels - 1, Math.max(0, level))
}

/**
 * Tiles of a level that the camera sees, those in the middle first.
 * @param margin how far around the viewport to look too, in tiles
 */
export function visibleTiles(camera: Camera, pyramid: Pyramid, level: number, margin = 0): Tile[] {
  const seen = visibleRectangle(camera)
  const side = PIXEL_TILE_SIZE * 2 ** level
  const size = levelSize(pyramid, level)
  const columns = tileRange(seen.x / side, (seen.x + seen.width) / side, size.width, margin)
  const rows = tileRange(seen.y / side, (seen.y + seen.height) / side, size.height, margin)
  const tiles: (Tile & { distance: number })[] = []
  for (let row = rows.first; row <= rows.last; row++) {
    for (let column = columns.first; column <= columns.last; column++) {
      const distance = Math.hypot(column + 0.5 - camera.x / side, row + 0.5 - camera.y / side)
      tiles.push({ level, column, row, distance })
    }
  }
  return tiles
    .sort((one, other) => one.distance - other.distance)
    .map(({ column, row }) => ({ level, column, row }))
}

/**
 * Tiles that a camera needs, the most urgent first: the coarsest, which show something everywhere at once; those that it sees;
 * those around, for when it moves.
 */
export function tilesToLoad(camera: Camera, pyramid: Pyramid): Tile[] {
  const level = levelFor(camera, pyramid)
  const seen = visibleTiles(camera, pyramid, level)
  const around = visibleTiles(camera, pyramid, level, 1).filter(
    ({ column, row }) => !seen.some((tile) => tile.column === column && tile.row === row),
  )
  const coarsest = pyramid.levels - 1
  return [...(level === coarsest ? [] : visibleTiles(camera, pyramid, coarsest)), ...seen, ...around]
}

/** The image's part that a tile stands for, in pixels of level 0. */
export function tileRectangle({ level, column, row }: Tile, image: Size): Rectangle {
  const side = PIXEL_TILE_SIZE * 2 ** level
  const x = column * side
  const y = row * side
  return { x, y, width: Math.min(side, image.width - x), height: Math.min(side, image.height - y) }
}

/** The tile of a level that holds an image point, and where in it the pixel is. */
export function pixelUnder(point: Point, level: number): { tile: Tile } & Point {
  const x = Math.floor(point.x / 2 ** level)
  const y = Math.floor(point.y / 2 ** level)
  const column = Math.floor(x / PIXEL_TILE_SIZE)
  const row = Math.floor(y / PIXEL_TILE_SIZE)
  return { tile: { level, column, row }, x: x - column * PIXEL_TILE_SIZE, y: y - row * PIXEL_TILE_SIZE }
}

/**
 * What to draw where a tile belongs, without overlap: itself; or, until it is loaded, finer tiles that cover it all; or
 * its part of the finest coarser tile. Empty where there is nothing.
 */
export function coverTile(wanted: Tile, pyramid: Pyramid, isLoaded: (tile: Tile) => boolean): TilePart[] {
  const part = tileRectangle(wanted, pyramid)
  if (isLoaded(wanted)) return [{ tile: wanted, part }]
  const finer = finerTiles(wanted, pyramid, isLoaded, FINER_LEVELS_TRIED)
  if (finer !== undefined) return finer.map((tile) => ({ tile, part: tileRectangle(tile, pyramid) }))
  for (let level = wanted.level + 1; level < pyramid.levels; level++) {
    const factor = 2 ** (level - wanted.level)
    const tile = { level, column: Math.floor(wanted.column / factor), row: Math.floor(wanted.row / factor) }
    if (isLoaded(tile)) return [{ tile, part }]
  }
  return []
}

function finerTiles(
  { level, column, row }: Tile,
  pyramid: Pyramid,
  isLoaded: (tile: Tile) => boolean,
  depth: number,
): Tile[] | undefined {
  if (level === 0 || depth === 0) return undefined
  const size = levelSize(pyramid, level - 1)
  const found: Tile[] = []
  for (const tile of [0, 1, 2, 3].map((quarter) => ({
    level: level - 1,
    column: 2 * column + (quarter % 2),
    row: 2 * row + Math.floor(quarter / 2),
  }))) {
    const isOutside = tile.column * PIXEL_TILE_SIZE >= size.width || tile.row * PIXEL_TILE_SIZE >= size.height
    if (isOutside) continue
    const covering = isLoaded(tile) ? [tile] : finerTiles(tile, pyramid, isLoaded, depth - 1)
    if (covering === undefined) return undefined
    found.push(...covering)
  }
  return found
}

function tileRange(
  from: number,
  to: number,
  length: number,
  margin: number,
): { first: number; last: number } {
  const last = Math.ceil(length / PIXEL_TILE_SIZE) - 1
  return {
    first: Math.max(0, Math.floor(from) - margin),
    last: Math.min(last, Math.ceil(to) - 1 + margin),
  }
}
