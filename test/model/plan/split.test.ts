import { describe, expect, it } from 'vitest'
import { splitAsWished, splitValidation, type SplitWish } from '../../../src/model/plan/split.ts'
import { RandomGenerator } from '../../../src/model/random.ts'

function images(...classPixels: number[][]) {
  return classPixels.map((pixels, index) => ({
    path: `field_${String(index).padStart(3, '0')}.tif`,
    classPixels: pixels,
  }))
}

describe('splitting', () => {
  it('keeps every class in training and, where two images have it, in validation', () => {
    for (let seed = 0; seed < 300; seed++) {
      const random = new RandomGenerator(seed)
      const list = images(
        ...Array.from({ length: 7 + random.nextInteger(30) }, () => [
          9,
          random.next() < 0.7 ? 5 : 0,
          random.next() < 0.1 ? 2 : 0,
        ]),
      )
      const { training, validation } = splitValidation(list, seed)
      expect([...training, ...validation].sort((a, b) => a - b)).toEqual(list.map((_, index) => index))
      expect(validation).toHaveLength(Math.max(1, Math.round(list.length * 0.15)))
      for (const value of [0, 1, 2]) {
        const having = (indices: number[]) =>
          indices.filter((index) => (list[index]?.classPixels[value] ?? 0) > 0).length
        const all = having([...training, ...validation])
        if (all > 0) expect(having(training)).toBeGreaterThan(0)
        // One image is held out first for each class; three classes may need up to two.
        if (all > 1 && validation.length > 1) expect(having(validation)).toBeGreaterThan(0)
      }
    }
  })

  it('depends on the seed and the files, not on their order', () => {
    const list = images(...Array.from({ length: 40 }, () => [1, 1]))
    const paths = (split: number[], from: typeof list) => split.map((index) => from[index]?.path).sort()
    const reversed = [...list].reverse()
    expect(paths(splitValidation(reversed, 3).validation, reversed)).toEqual(
      paths(splitValidation(list, 3).validation, list),
    )
    expect(splitValidation(list, 3)).toEqual(splitValidation(list, 3))
    const differing = new Set([1, 2, 3, 4].map((seed) => splitValidation(list, seed).validation.join()))
    expect(differing.size).toBeGreaterThan(1)
  })

  it('holds none of one or two images out, and says that scores flatter then', () => {
    const { training, validation, explanation } = splitValidation(images([5, 5], [], [5, 5]), 1)
    expect([training, validation]).toEqual([[0, 2], []])
    expect(explanation).toBe(
      'No image is held out (with 2 labelled images there is none to spare): scores are of images that were trained on, and flatter. Label at least 3 images with all classes.',
    )
  })

  it('holds none out where each image alone has a class', () => {
    const { validation, explanation } = splitValidation(images([5], [0, 5], [0, 0, 5]), 1)
    expect(validation).toEqual([])
    expect(explanation).toContain('each has a class that no other has')
  })

  it('names the classes that are not checked', () => {
    const { training, explanation } = splitValidation(images([5, 0], [5, 0], [5, 0], [5, 9], [5, 0]), 1)
    expect(training).toContain(3)
    expect(explanation).toContain('They lack class 1')
  })
})

it('what a person chose holds: for validation those and no others, for training never', () => {
  const image = (path: string, wish: SplitWish) => ({ path, classPixels: [10, 10], wish })
  const chosen = [image('a', 'training'), image('b', 'validation'), image('c', 'automatic')]
  expect(splitAsWished(chosen, 1)).toMatchObject({ training: [0, 2], validation: [1] })
  for (let seed = 0; seed < 20; seed++) {
    const mixed = Array.from('abcdefgh').map((path, index) =>
      image(path, index < 4 ? 'training' : 'automatic'),
    )
    const { training, validation } = splitAsWished(mixed, seed)
    expect(validation).toHaveLength(1)
    expect(validation[0]).toBeGreaterThanOrEqual(4)
    expect([...training, ...validation].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  }
  expect(() => splitAsWished([image('a', 'validation')], 1)).toThrow('set aside for validation')
})
