import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Outline, type Ring, traceOutlines } from '../../../src/model/prediction/outlines.ts'

test('outlines filled give the mask again, and no ring touches itself', () => {
  const masks = fc
    .tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 9 }))
    .chain(([width, height]) =>
      fc.tuple(
        fc.constant(width),
        fc.constant(height),
        fc.array(fc.integer({ min: 0, max: 1 }), { minLength: width * height, maxLength: width * height }),
      ),
    )
  fc.assert(
    fc.property(masks, ([width, height, values]) => {
      const outlines = traceOutlines(Uint8Array.from(values), width, height, 5, 7)
      const rings = outlines.flatMap(({ outer, holes }) => [outer, ...holes])
      for (const ring of rings) {
        expect(new Set(ring.map(String)).size).toBe(ring.length)
        expect(ring.every((corner, index) => turns(ring, corner, index))).toBe(true)
      }
      const filled = Array.from({ length: width * height }, (_, at) => {
        const point = [(at % width) + 5.5, Math.floor(at / width) + 7.5] as const
        return outlines.filter((outline) => isInside(outline, point)).length
      })
      expect(filled).toEqual(values)
    }),
    { numRuns: 500 },
  )
})

test('a ring of pixels is one area with one hole; two that touch by a corner are two areas', () => {
  const ring = Uint8Array.of(1, 1, 1, 1, 0, 1, 1, 1, 1)
  expect(traceOutlines(ring, 3, 3)).toEqual([
    {
      outer: [
        [0, 0],
        [3, 0],
        [3, 3],
        [0, 3],
      ],
      holes: [
        [
          [1, 1],
          [1, 2],
          [2, 2],
          [2, 1],
        ],
      ],
    },
  ])
  expect(traceOutlines(Uint8Array.of(1, 0, 0, 1), 2, 2)).toHaveLength(2)
})

/** A corner is where the direction changes: a vertical edge meets a horizontal one. */
function turns(ring: Ring, [x, y]: Ring[number], index: number): boolean {
  const [beforeX] = ring.at(index - 1) as Ring[number]
  const [, afterY] = ring[(index + 1) % ring.length] as Ring[number]
  return (beforeX === x) === (afterY === y)
}

function isInside({ outer, holes }: Outline, point: readonly [number, number]): boolean {
  return crossings(outer, point) && !holes.some((hole) => crossings(hole, point))
}

function crossings(ring: Ring, [x, y]: readonly [number, number]): boolean {
  let inside = false
  ring.forEach(([x1, y1], index) => {
    const [, y2] = ring[(index + 1) % ring.length] as Ring[number]
    if (x1 < x && y1 < y !== y2 < y) inside = !inside
  })
  return inside
}
