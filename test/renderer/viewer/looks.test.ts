import { expect, test } from 'vitest'
import { LOOKUP_STEPS, lookupTable } from '../../../src/renderer/viewer/colour-maps.ts'
import { scaleBarLength } from '../../../src/renderer/viewer/scale-bar.ts'

const end = LOOKUP_STEPS - 1

function colourAt(table: Uint8Array, step: number): string {
  return Buffer.from(table.subarray(4 * step, 4 * step + 3)).toString('hex')
}

test('colour maps begin and end where they are known to, and pass their middles', () => {
  const ends = (['grey', 'inverted grey', 'viridis', 'magma', 'fire', 'colour'] as const).map((colourMap) => {
    const table = lookupTable({ colourMap, colour: '#ff8000', gamma: 1 })
    return [0, (end + 1) / 2, end].map((step) => colourAt(table, step)).join(' ')
  })
  // Middles of matplotlib's viridis and magma: 21918c and b73779.
  expect(ends).toEqual([
    '000000 808080 ffffff',
    'ffffff 7f7f7f 000000',
    '440154 21918d fde725',
    '000004 b6377a fcfdbf',
    expect.stringMatching(/^000000 .{6} ffffff$/),
    '000000 804000 ff8000',
  ])
})

test('gamma bends the middle and keeps the ends', () => {
  const table = lookupTable({ colourMap: 'grey', colour: '#ffffff', gamma: 0.5 })
  expect([0, Math.round(end / 4), end].map((step) => table[4 * step])).toEqual([0, 128, 255])
})

test.each([
  [160, { x: 0.325, y: 0.325, unit: 'µm' }, '50 µm', 50 / 0.325],
  [4000, { x: 0.325, y: 0.325, unit: 'µm' }, '1 mm', 1000 / 0.325],
  [1.5, { x: 0.1, y: 0.1, unit: 'µm' }, '100 nm', 1],
  [300, { x: 100, y: 100, unit: 'nm' }, '20 µm', 200],
  [160, { x: 1 / 300, y: 1 / 300, unit: 'inch' }, '10 mm', 300 / 2.54],
  [160, { x: 2, y: 2, unit: 'furlong' }, '200 furlong', 100],
  [160, undefined, '100 px', 100],
  [0.4, undefined, '1 px', 1],
])('of %s pixels a scale bar takes a round length', (longest, pixelSize, text, pixels) => {
  const bar = scaleBarLength(longest, pixelSize)
  expect(bar.text).toBe(text)
  expect(bar.pixels).toBeCloseTo(pixels, 6)
})
