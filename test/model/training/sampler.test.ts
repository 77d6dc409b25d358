import { describe, expect, it } from 'vitest'
import { RandomGenerator } from '../../../src/model/random.ts'
import { indexLabels } from '../../../src/model/training/label-index.ts'
import { PatchSampler } from '../../../src/model/training/sampler.ts'

/** A map of one row with this many pixels of each class, the rest not labelled. */
function labelsWith(counts: number[], width = 20_000) {
  const values = new Uint8Array(width).fill(255)
  let next = 0
  for (const [label, count] of counts.entries()) {
    values.fill(label, next, next + count)
    next += count
  }
  return { width, height: 1, values }
}

describe('PatchSampler', () => {
  const indexes = [
    indexLabels(labelsWith([8000, 100, 0]), 3, 1e6, 'first.png'),
    indexLabels(labelsWith([1000, 900, 0]), 3, 1e6, 'second.png'),
  ]

  it('draws classes by their shares, and the rest of the patches from all labelled pixels', () => {
    const random = new RandomGenerator(1)
    // Class 2 has no pixel: its share goes to the rest, 0.7, of which nine tenths are class 0.
    const sampler = new PatchSampler(indexes, [0, 0.3, 0.2])
    const drawn = Array.from({ length: 2000 }, () => sampler.draw(10, random)).flat()
    const share = (label: number) => drawn.filter((anchor) => anchor.label === label).length / drawn.length
    expect(share(0)).toBeCloseTo(0.63, 2)
    expect(share(1)).toBeCloseTo(0.37, 2)
    expect(share(2)).toBe(0)

    // By the square root of 100 and 900 pixels: one to three.
    const rare = drawn.filter((anchor) => anchor.label === 1)
    expect(rare.filter((anchor) => anchor.image === 0).length / rare.length).toBeCloseTo(0.25, 1)
  })

  it('mixes every batch as evenly as its size allows', () => {
    const random = new RandomGenerator(2)
    const sampler = new PatchSampler(indexes, [0, 0.5, 0])
    for (let batch = 0; batch < 100; batch++) {
      // A half, and a tenth of the other half: 4.4 of 8.
      const rare = sampler.draw(8, random).filter((anchor) => anchor.label === 1).length
      expect(rare).toBeGreaterThanOrEqual(4)
      expect(rare).toBeLessThanOrEqual(5)
    }
  })

  it('points at pixels of the class', () => {
    const width = 37
    const values = Uint8Array.from({ length: width * 29 }, (_, index) => (index % 5 === 0 ? index % 3 : 255))
    const sampler = new PatchSampler([indexLabels({ width, height: 29, values }, 3, 1e6, '')], [0, 0.5, 0.5])
    for (const { x, y, label } of sampler.draw(500, new RandomGenerator(3))) {
      expect(values[y * width + x]).toBe(label)
    }
  })

  it('refuses images without any label', () => {
    const empty = indexLabels(labelsWith([]), 2, 10, '')
    expect(() => new PatchSampler([empty], [0, 1])).toThrow(
      expect.objectContaining({ code: 'nothing-labelled' }) as Error,
    )
  })
})

describe('indexLabels', () => {
  it('thins a class out evenly and without a pattern, the same way each time', () => {
    const labels = { width: 1000, height: 1000, values: new Uint8Array(1e6).fill(1) }
    const index = indexLabels(labels, 2, 1000, '')
    const positions = index.positions[1] as Uint32Array
    expect(index.counts).toEqual([0, 1e6])
    // One of each row of the image ...
    expect(Array.from(positions, (position) => Math.floor(position / 1000))).toEqual([...Array(1000).keys()])
    // ... anywhere in it.
    const leftHalf = positions.filter((position) => position % 1000 < 500).length
    expect(leftHalf).toBeGreaterThan(420)
    expect(leftHalf).toBeLessThan(580)
    expect(indexLabels(labels, 2, 1000, '').positions).toEqual(index.positions)
  })

  it('names the file with a value that is no class', () => {
    const labels = { width: 2, height: 1, values: Uint8Array.of(0, 3) }
    expect(() => indexLabels(labels, 3, 10, 'a/labels.png')).toThrow(
      expect.objectContaining({ code: 'label-value-unknown', file: 'a/labels.png' }) as Error,
    )
  })
})
