import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LABEL_TILE_SIZE } from '../../../src/preload/contract/label-tiles.ts'
import { fillBrushSegment } from '../../../src/renderer/labelling/shapes/brush.ts'
import { fillPolygon } from '../../../src/renderer/labelling/shapes/polygon.ts'
import { fillRectangle } from '../../../src/renderer/labelling/shapes/rectangle.ts'
import { findRegion, RegionTooLarge } from '../../../src/renderer/labelling/shapes/region.ts'
import { pixelsOf, pixelsWhere } from './pixels.ts'

const place = fc.record({
  x: fc.double({ min: -5, max: 45, noNaN: true }),
  y: fc.double({ min: -5, max: 45, noNaN: true }),
})
type Place = typeof place extends fc.Arbitrary<infer Value> ? Value : never
const never = new AbortController().signal

describe('the brush', () => {
  test('covers the pixels whose centres are within its radius of the line, and those at the ends', () => {
    fc.assert(
      fc.property(place, place, fc.double({ min: 0.5, max: 15, noNaN: true }), (from, to, radius) => {
        const painted = pixelsOf(40, 40, (fill) =>
          fillBrushSegment({ ...from, radius }, { ...to, radius }, fill),
        )
        const holds = ({ x, y }: Place, cx: number, cy: number) =>
          Math.floor(x) === cx - 0.5 && Math.floor(y) === cy - 0.5
        // What is on the rim may fall either way, by rounding.
        const inner = pixelsWhere(40, 40, (x, y) => distance(from, to, x, y) <= radius - 1e-9)
        const outer = pixelsWhere(
          40,
          40,
          (x, y) => distance(from, to, x, y) <= radius + 1e-9 || holds(from, x, y) || holds(to, x, y),
        )
        painted.forEach((row, y) => {
          for (let x = 0; x < 40; x++) {
            if (inner[y]?.[x] === '#') expect(row[x]).toBe('#')
            if (row[x] === '#') expect(outer[y]?.[x]).toBe('#')
          }
        })
      }),
      { seed: 1, numRuns: 300 },
    )
  })

  test('of one pixel paints one pixel, wherever in it the pointer is', () => {
    for (const [x, y] of [
      [3, 2],
      [3.99, 2.99],
      [3.5, 2.5],
    ] as const) {
      const point = { x, y, radius: 0.5 }
      expect(pixelsOf(8, 4, (fill) => fillBrushSegment(point, point, fill))).toEqual([
        '........',
        '........',
        '...#....',
        '........',
      ])
    }
  })

  test('leaves no gap in the thinnest line at any angle', () => {
    for (let degrees = 0; degrees < 360; degrees += 7) {
      const angle = (degrees * Math.PI) / 180
      const to = { x: 50.3 + 45 * Math.cos(angle), y: 50.8 + 45 * Math.sin(angle), radius: 0.5 }
      const rows = pixelsOf(100, 100, (fill) => fillBrushSegment({ x: 50.3, y: 50.8, radius: 0.5 }, to, fill))
      expect(piecesOf(rows)).toBe(1)
    }
  })

  test('of a pen grows from one width to the other', () => {
    const rows = pixelsOf(60, 30, (fill) =>
      fillBrushSegment({ x: 10, y: 15, radius: 2 }, { x: 45, y: 15, radius: 10 }, fill),
    )
    const heights = [10, 20, 30, 45].map((x) => rows.filter((row) => row[x] === '#').length)
    expect(heights).toEqual([...heights].sort((one, other) => one - other))
    expect([heights[0], heights[3]]).toEqual([6, 20])
    expect(piecesOf(rows)).toBe(1)
  })
})

describe('the polygon', () => {
  test('covers the pixels whose centres are inside by the even-odd rule', () => {
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 12 }), (corners) => {
        expect(pixelsOf(40, 40, (fill) => fillPolygon(corners, fill))).toEqual(
          pixelsWhere(40, 40, (x, y) => isInside(corners, x, y)),
        )
      }),
      { seed: 2, numRuns: 300 },
    )
  })

  test('two that share an edge cover every pixel once', () => {
    const [a, b, c, d] = [
      { x: 0.5, y: 0.5 },
      { x: 20.5, y: 3.5 },
      { x: 18.5, y: 19.5 },
      { x: 2.5, y: 17.5 },
    ]
    const area = (corners: Place[]) =>
      pixelsOf(24, 24, (fill) => fillPolygon(corners, fill))
        .join('')
        .replaceAll('.', '').length
    expect(area([a, b, c] as Place[]) + area([a, c, d] as Place[])).toBe(area([a, b, c, d] as Place[]))
  })
})

test('the rectangle holds the pixels under both corners, whichever is dragged from', () => {
  const expected = ['......', '.###..', '.###..', '......']
  const [one, other] = [
    { x: 1.9, y: 1.1 },
    { x: 3.0, y: 2.7 },
  ]
  expect(pixelsOf(6, 4, (fill) => fillRectangle(one, other, fill))).toEqual(expected)
  expect(pixelsOf(6, 4, (fill) => fillRectangle(other, one, fill))).toEqual(expected)
})

describe('the region', () => {
  const SIZE = LABEL_TILE_SIZE

  test('is what a search pixel by pixel finds, across tiles, and ends at the image', async () => {
    const [width, height] = [600, 530]
    for (const [seed, share] of [
      [1, 0.62],
      [2, 0.7],
      [3, 0.9],
    ] as const) {
      const open = noise(width, height, seed, share)
      open[270 * width + 260] = 1
      const region = await findRegion(sourceOf(open, width, height), { x: 260.4, y: 270.6 }, never)
      const found = new Uint8Array(width * height)
      for (const { column, row, mask } of region) {
        mask.forEach((value, at) => {
          const [x, y] = [column * SIZE + (at % SIZE), row * SIZE + Math.floor(at / SIZE)]
          if (value === 1 && (x >= width || y >= height)) throw new Error('beyond the image')
          if (value === 1) found[y * width + x] = 1
        })
      }
      expect(Buffer.compare(found, searched(open, width, height, 260, 270))).toBe(0)
    }
  })

  test('is empty where the seed itself is not inside', async () => {
    const region = await findRegion(sourceOf(new Uint8Array(16), 4, 4), { x: 1, y: 1 }, never)
    expect(region.every(({ mask }) => mask.every((value) => value === 0))).toBe(true)
  })

  test('that goes on and on is refused; one that nobody waits for any more ends', async () => {
    const open = {
      width: 100_000,
      height: 100_000,
      inside: () => Promise.resolve(new Uint8Array(SIZE * SIZE).fill(1)),
    }
    await expect(findRegion(open, { x: 5, y: 5 }, never)).rejects.toThrow(RegionTooLarge)
    const ended = AbortSignal.abort(new Error('nobody waits'))
    await expect(findRegion(open, { x: 5, y: 5 }, ended)).rejects.toThrow('nobody waits')
  })
})

function distance(from: Place, to: Place, x: number, y: number): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  const squared = dx * dx + dy * dy
  const along = squared === 0 ? 0 : ((x - from.x) * dx + (y - from.y) * dy) / squared
  const share = Math.min(1, Math.max(0, along))
  return Math.hypot(x - from.x - share * dx, y - from.y - share * dy)
}

/** W. Randolph Franklin's crossing test. */
function isInside(corners: readonly Place[], x: number, y: number): boolean {
  let inside = false
  corners.forEach((a, index) => {
    const b = corners.at(index - 1) as Place
    if (a.y > y !== b.y > y && x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x) inside = !inside
  })
  return inside
}

/** How many pieces there are, where corners connect too. */
function piecesOf(rows: readonly string[]): number {
  const left = new Set(
    rows.flatMap((row, y) => Array.from(row).flatMap((pixel, x) => (pixel === '#' ? [`${x} ${y}`] : []))),
  )
  let pieces = 0
  for (const start of left) {
    pieces++
    const stack = [start]
    for (let pixel = stack.pop(); pixel !== undefined; pixel = stack.pop()) {
      if (!left.delete(pixel)) continue
      const [x, y] = pixel.split(' ').map(Number) as [number, number]
      for (const dx of [-1, 0, 1]) for (const dy of [-1, 0, 1]) stack.push(`${x + dx} ${y + dy}`)
    }
  }
  return pieces
}

function noise(width: number, height: number, seed: number, share: number): Uint8Array {
  let state = seed
  return new Uint8Array(width * height).map(() => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32 < share ? 1 : 0
  })
}

function sourceOf(open: Uint8Array, width: number, height: number) {
  const inside = (column: number, row: number): Promise<Uint8Array> => {
    // Beyond the image everything is open, so that going there would show.
    const mask = new Uint8Array(LABEL_TILE_SIZE ** 2).fill(1)
    for (let at = 0; at < mask.length; at++) {
      const x = column * LABEL_TILE_SIZE + (at % LABEL_TILE_SIZE)
      const y = row * LABEL_TILE_SIZE + Math.floor(at / LABEL_TILE_SIZE)
      if (x < width && y < height) mask[at] = open[y * width + x] as number
    }
    return Promise.resolve(mask)
  }
  return { width, height, inside }
}

function searched(open: Uint8Array, width: number, height: number, x: number, y: number): Uint8Array {
  const found = new Uint8Array(open.length)
  const stack = [[x, y] as [number, number]]
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    const [column, row] = at
    if (column < 0 || row < 0 || column >= width || row >= height) continue
    const index = row * width + column
    if (open[index] === 0 || found[index] === 1) continue
    found[index] = 1
    stack.push([column + 1, row], [column - 1, row], [column, row + 1], [column, row - 1])
  }
  return found
}
