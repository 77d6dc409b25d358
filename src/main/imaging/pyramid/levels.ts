import type { Region } from '../../../model/images/image-source.ts'
import { PIXEL_TILE_SIZE } from '../../../preload/contract/addresses.ts'

interface Size {
  width: number
  height: number
}

/** Resolutions of an image: level 0 is the whole, the last one fits into one tile. */
export function countLevels({ width, height }: Size): number {
  return 1 + Math.max(0, Math.ceil(Math.log2(Math.max(width, height) / PIXEL_TILE_SIZE)))
}

/** Each level has half the width and height of the one before, rounded up. */
export function levelSize({ width, height }: Size, level: number): Size {
  return { width: Math.ceil(width / 2 ** level), height: Math.ceil(height / 2 ** level) }
}

/** Where a tile lies on its level, cut to it; undefined where there is none. */
export function tileRegion(
  size: Size,
  at: { level: number; column: number; row: number },
): Region | undefined {
  if (at.level >= countLevels(size)) return undefined
  const { width, height } = levelSize(size, at.level)
  const [x, y] = [at.column * PIXEL_TILE_SIZE, at.row * PIXEL_TILE_SIZE]
  if (x >= width || y >= height) return undefined
  return { x, y, width: Math.min(PIXEL_TILE_SIZE, width - x), height: Math.min(PIXEL_TILE_SIZE, height - y) }
}
