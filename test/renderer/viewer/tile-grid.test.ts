import { expect, test } from 'vitest'
import { type Camera, fit } from '../../../src/renderer/viewer/camera.ts'
import {
  coverTile,
  levelFor,
  pixelUnder,
  type Tile,
  type TilePart,
  tilesToLoad,
  visibleTiles,
} from '../../../src/renderer/viewer/tile-grid.ts'

const viewport = { width: 1280, height: 800, pixelRatio: 1 }
/** Odd, so that levels and the last tiles are cut: 5001 -> 2501 -> 1251 -> 626 -> 313. */
const pyramid = { width: 5001, height: 3333, levels: 5 }

function cameraAt(x: number, y: number, zoom: number): Camera {
  return { x, y, zoom, viewport }
}

const name = ({ level, column, row }: Tile): string => `${level}/${column}/${row}`

test('takes the coarsest level that is no coarser than the screen', () => {
  const levels = [8, 1, 0.6, 0.5, 0.26, 0.25, 0.02].map((zoom) => levelFor(cameraAt(0, 0, zoom), pyramid))
  expect(levels).toEqual([0, 0, 0, 1, 1, 2, 4])
  expect(levelFor({ ...cameraAt(0, 0, 0.5), viewport: { ...viewport, pixelRatio: 2 } }, pyramid)).toBe(0)
})

test('sees the tiles of the viewport, the middle first, and none outside the image', () => {
  const seen = visibleTiles(cameraAt(1000, 700, 1), pyramid, 0).map(name)
  // 360 to 1640 across, 300 to 1100 down.
  expect(new Set(seen)).toEqual(
    new Set([0, 1, 2].flatMap((row) => [0, 1, 2, 3].map((column) => `0/${column}/${row}`))),
  )
  expect(seen[0]).toBe('0/1/1')
  const corner = visibleTiles(cameraAt(5001, 3333, 4), pyramid, 0, 1).map(name)
  expect(new Set(corner)).toEqual(new Set(['0/9/6', '0/8/6', '0/9/5', '0/8/5']))
})

test('loads something for everywhere first, and what is around last', () => {
  const order = tilesToLoad(cameraAt(2500, 1600, 1), pyramid).map(name)
  expect(order[0]).toBe('4/0/0')
  expect(order.slice(1, 2)).toEqual(['0/4/3'])
  expect(new Set(order).size).toBe(order.length)
  expect(
    tilesToLoad(fit({ width: 400, height: 300 }, viewport), { width: 400, height: 300, levels: 1 }),
  ).toEqual([{ level: 0, column: 0, row: 0 }])
})

/** How often every pixel of a tile's part of the image is drawn, by cells of 8 pixels. */
function drawnCells(parts: readonly TilePart[]): Map<string, number> {
  const cells = new Map<string, number>()
  for (const { part } of parts) {
    for (let y = part.y; y < part.y + part.height; y += 8) {
      for (let x = part.x; x < part.x + part.width; x += 8) {
        const cell = `${x} ${y}`
        cells.set(cell, (cells.get(cell) ?? 0) + 1)
      }
    }
  }
  return cells
}

test.each([
  ['itself', ['2/1/1', '4/0/0']],
  ['a coarser tile, the finest there is', ['4/0/0', '3/0/0']],
  ['finer tiles, where they cover it all', ['1/2/2', '1/3/2', '1/2/3', '0/6/6', '1/3/3', '4/0/0']],
  ['a coarser tile, where finer ones leave a gap', ['1/2/2', '1/3/2', '4/0/0']],
])('shows a tile by %s', (_, loaded) => {
  const wanted = { level: 2, column: 1, row: 1 }
  const parts = coverTile(wanted, pyramid, (tile) => loaded.includes(name(tile)))
  expect(parts.length).toBeGreaterThan(0)
  const itself = coverTile(wanted, pyramid, (tile) => name(tile) === '2/1/1')
  // Without overlap: channels are added to each other.
  expect(drawnCells(parts)).toEqual(drawnCells(itself))
})

test('uses the finest of coarser tiles, and nothing where there is nothing', () => {
  const wanted = { level: 1, column: 4, row: 3 }
  const isLoaded = (tile: Tile): boolean => ['3/1/0', '4/0/0'].includes(name(tile))
  expect(coverTile(wanted, pyramid, isLoaded)).toEqual([
    // The last column and row, cut by the image: 5001 - 4 * 1024, 3333 - 3 * 1024.
    { tile: { level: 3, column: 1, row: 0 }, part: { x: 4096, y: 3072, width: 905, height: 261 } },
  ])
  expect(coverTile(wanted, pyramid, () => false)).toEqual([])
})

test('finds the pixel under a point at every level', () => {
  expect(pixelUnder({ x: 1030.9, y: 511.99 }, 0)).toEqual({
    tile: { level: 0, column: 2, row: 0 },
    x: 6,
    y: 511,
  })
  expect(pixelUnder({ x: 4100, y: 2049 }, 2)).toEqual({ tile: { level: 2, column: 2, row: 1 }, x: 1, y: 0 })
})
