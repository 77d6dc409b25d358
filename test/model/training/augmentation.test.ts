import { describe, expect, it } from 'vitest'
import type { Augmentation } from '../../../src/model/plan/plan.ts'
import { RandomGenerator } from '../../../src/model/random.ts'
import { blurPlane } from '../../../src/model/training/augmentation/blur.ts'
import { elasticDisplacement } from '../../../src/model/training/augmentation/elastic.ts'
import { drawGeometry, drawLinearMap } from '../../../src/model/training/augmentation/geometry.ts'
import { augmentIntensity } from '../../../src/model/training/augmentation/intensity.ts'
import {
  neededRegion,
  resampleImage,
  resampleLabels,
} from '../../../src/model/training/augmentation/resample.ts'
import { fullAugmentation, GreyImage, noAugmentation, numberedImage } from './fixtures.ts'

const side = 64

/** One patch of an image and of its labels, augmented by geometry alone. */
async function takePatch(
  image: GreyImage,
  values: Uint8Array,
  anchor: { x: number; y: number },
  augmentation: Augmentation,
  random: RandomGenerator,
) {
  const { width, height } = image.info
  const geometry = drawGeometry(side, anchor, image.info, augmentation, random)
  const region = neededRegion(geometry, image.info)
  const patch = new Float32Array(side * side)
  const labels = new Uint8Array(side * side)
  resampleImage((await image.read(region)).samples, region, image.info, geometry, patch)
  resampleLabels({ width, height, values }, geometry, labels)
  return { patch, labels, geometry }
}

/** What one step to the right and one down in the patch change. */
function gradient(patch: Float32Array): [right: number, down: number] {
  const first = patch[0] as number
  return [(patch[1] as number) - first, (patch[side] as number) - first]
}

describe('geometry', () => {
  it('flips and turns exactly, in all eight ways, image and labels alike', async () => {
    const width = 150
    const image = numberedImage(width, 120)
    const values = Uint8Array.from(image.samples, (value) => value % 251)
    const augmentation = { ...noAugmentation, flips: true, quarterTurns: true }
    const random = new RandomGenerator(5)
    const ways = new Set<string>()
    for (let draw = 0; draw < 50; draw++) {
      const anchor = { x: random.nextInteger(width), y: random.nextInteger(120) }
      const { patch, labels } = await takePatch(image, values, anchor, augmentation, random)
      const [right, down] = gradient(patch)
      ways.add(`${String(right)} ${String(down)}`)
      const expected = patch.map(
        (_, index) => (patch[0] as number) + (index % side) * right + Math.floor(index / side) * down,
      )
      expect(patch.every((value, index) => value === expected[index])).toBe(true)
      expect(labels.every((label, index) => label === (expected[index] as number) % 251)).toBe(true)
      expect(patch.includes(anchor.y * width + anchor.x)).toBe(true)
    }
    expect(ways).toEqual(
      new Set(['1 150', '-1 150', '1 -150', '-1 -150', '150 1', '-150 1', '150 -1', '-150 -1']),
    )
  })

  it('leaves patches upright without flips and turns', async () => {
    const random = new RandomGenerator(6)
    for (let draw = 0; draw < 20; draw++) {
      const image = numberedImage(100, 100)
      const taken = await takePatch(image, new Uint8Array(10_000), { x: 3, y: 80 }, noAugmentation, random)
      expect(gradient(taken.patch)).toEqual([1, 100])
    }
  })

  it('moves labels with the image under zoom, shear and bending', async () => {
    const width = 200
    const wave = Float32Array.from(
      { length: width * width },
      (_, index) => Math.sin((index % width) / 9) * Math.cos(Math.floor(index / width) / 7),
    )
    const image = new GreyImage(width, width, wave)
    const values = Uint8Array.from(wave, (value) => (value > 0 ? 1 : 0))
    const random = new RandomGenerator(8)
    let compared = 0
    let wrong = 0
    for (let draw = 0; draw < 40; draw++) {
      const anchor = { x: random.nextInteger(width), y: random.nextInteger(width) }
      const { patch, labels } = await takePatch(image, values, anchor, fullAugmentation, random)
      for (const [index, value] of patch.entries()) {
        // The nearest label is up to half a pixel away in x and y, where the wave differs by 0.5 / 9 + 0.5 / 7 at most.
        if (labels[index] === 255 || Math.abs(value) < 0.13) continue
        compared++
        if (labels[index] !== (value > 0 ? 1 : 0)) wrong++
      }
    }
    expect(compared).toBeGreaterThan(40 * side * side * 0.6)
    expect(wrong).toBe(0)
  })

  it('zooms and shears half of the patches, up to what the plan allows', () => {
    const random = new RandomGenerator(14)
    const maps = Array.from({ length: 2000 }, () => drawLinearMap(fullAugmentation, random))
    const zooms = maps.map(({ c, d }) => 1 / Math.hypot(c, d))
    const shears = maps.map(({ a, b, c, d }) => Math.abs(a * c + b * d) / (c * c + d * d))
    expect(zooms.filter((zoom) => zoom === 1).length / 2000).toBeCloseTo(0.5, 1)
    expect(Math.min(...zooms)).toBeCloseTo(1 / 1.4, 2)
    expect(Math.max(...zooms)).toBeCloseTo(1.4, 2)
    expect(Math.max(...shears)).toBeCloseTo(0.15, 2)
    // A shear keeps areas.
    for (const [index, { a, b, c, d }] of maps.entries()) {
      expect(Math.abs(a * d - b * c)).toBeCloseTo((zooms[index] as number) ** -2, 9)
    }
  })

  it('reads what mirrored pixels come from', () => {
    const geometry = { x: Float64Array.of(-5, 2), y: Float64Array.of(17, 22.5) }
    // The last row, 19, mirrors 22.5 to 15.5.
    expect(neededRegion(geometry, { width: 20, height: 20 })).toEqual({ x: 0, y: 15, width: 6, height: 5 })
  })

  it('always shows the anchor, and nothing from outside an image that is large enough', async () => {
    const width = 300
    const image = new GreyImage(width, width, new Float32Array(width * width))
    const unbent = { ...fullAugmentation, shear: 0, elastic: 0 }
    const random = new RandomGenerator(9)
    for (let draw = 0; draw < 100; draw++) {
      const anchor = { x: random.nextInteger(width), y: random.nextInteger(width) }
      const stroke = new Uint8Array(width * width).fill(255)
      stroke[anchor.y * width + anchor.x] = 2
      const bent = await takePatch(image, stroke, anchor, { ...fullAugmentation, elastic: 6 }, random)
      expect(bent.labels.includes(2)).toBe(true)
      const inside = await takePatch(image, new Uint8Array(width * width), anchor, unbent, random)
      expect(inside.labels.includes(255)).toBe(false)
    }
    // Not more is read than a patch zoomed out, sheared and bent needs: the image may be larger than memory.
    for (const region of image.regions) expect(Math.max(region.width, region.height)).toBeLessThan(side * 2.2)
  })

  it('continues a small image by its mirror image, without labels', async () => {
    const [width, height] = [20, 45]
    const { patch, labels, geometry } = await takePatch(
      numberedImage(width, height),
      new Uint8Array(width * height),
      { x: 4, y: 7 },
      noAugmentation,
      new RandomGenerator(10),
    )
    expect(labels.filter((label) => label === 0)).toHaveLength(width * height)
    const fold = (position: number, last: number): number =>
      position < 0 ? fold(-position, last) : position > last ? fold(2 * last - position, last) : position
    const expected = patch.map((_, index) => {
      const x = fold(geometry.x[index] as number, width - 1)
      return fold(geometry.y[index] as number, height - 1) * width + x
    })
    expect(patch).toEqual(expected)
  })
})

describe('elasticDisplacement', () => {
  it('has the deviation asked for, and is smooth', () => {
    const random = new RandomGenerator(11)
    let squares = 0
    let steepest = 0
    for (let draw = 0; draw < 200; draw++) {
      const field = elasticDisplacement(128, 3, random)
      squares += field.reduce((sum, value) => sum + value ** 2, 0) / field.length
      for (let index = 1; index < 128; index++) {
        steepest = Math.max(steepest, Math.abs((field[index] as number) - (field[index - 1] as number)))
      }
    }
    const deviation = Math.sqrt(squares / 200)
    expect(deviation).toBeGreaterThan(2.8)
    expect(deviation).toBeLessThan(3.2)
    expect(steepest).toBeLessThan(1)
  })
})

describe('intensity', () => {
  it('blurs with a Gaussian: a point becomes a product of bells, an even plane stays', () => {
    const point = new Float32Array(31 * 31)
    point[15 * 31 + 15] = 1
    blurPlane(point, 31, 1.5)
    const bell = (distance: number) => Math.exp((-0.5 * distance ** 2) / 1.5 ** 2)
    const total = Array.from({ length: 11 }, (_, tap) => bell(tap - 5)).reduce((sum, value) => sum + value)
    for (const [right, down] of [
      [0, 0],
      [2, 1],
      [-3, 4],
    ] as const) {
      expect(point[(15 + down) * 31 + 15 + right]).toBeCloseTo((bell(right) * bell(down)) / total ** 2, 6)
    }
    const even = new Float32Array(31 * 31).fill(0.75)
    blurPlane(even, 31, 1.5)
    expect(Math.max(...even.map((value) => Math.abs(value - 0.75)))).toBeLessThan(1e-6)
  })

  it('changes brightness within bounds, and grey stored as colour stays grey', () => {
    const random = new RandomGenerator(12)
    const augmentation = { ...noAugmentation, contrast: 0.3, brightness: 0.2, gamma: 0.4 }
    const ramp = Float32Array.from({ length: side * side }, (_, index) => index / (side * side - 1) - 0.5)
    const ranges: number[] = []
    const middles: number[] = []
    for (let draw = 0; draw < 200; draw++) {
      const patch = new Float32Array([...ramp, ...ramp])
      augmentIntensity(patch, side, augmentation, random)
      const first = patch.subarray(0, side * side)
      expect(first.every((value, index) => value === patch[side * side + index])).toBe(true)
      ranges.push((first.at(-1) as number) - (first[0] as number))
      middles.push(first[(side * side) / 2] as number)
    }
    // Contrast of 0.7 to 1.3; gamma keeps the ends.
    expect(Math.min(...ranges)).toBeGreaterThan(0.69)
    expect(Math.min(...ranges)).toBeLessThan(0.75)
    expect(Math.max(...ranges)).toBeLessThan(1.31)
    expect(Math.max(...ranges)).toBeGreaterThan(1.25)
    // A gamma of 1.4 takes the middle to 0.38 - 0.5, one of 1 / 1.4 to 0.61 - 0.5; brightness adds 0.2 at most.
    expect(Math.min(...middles)).toBeGreaterThan(-0.38)
    expect(Math.max(...middles)).toBeLessThan(0.38)
    expect(Math.max(...middles) - Math.min(...middles)).toBeGreaterThan(0.3)
  })

  it('adds noise of no more than the deviation asked for, to some patches', () => {
    const random = new RandomGenerator(13)
    const deviations = Array.from({ length: 200 }, () => {
      const patch = new Float32Array(side * side)
      augmentIntensity(patch, side, { ...noAugmentation, noise: 0.5 }, random)
      return Math.sqrt(patch.reduce((sum, value) => sum + value ** 2, 0) / patch.length)
    })
    expect(Math.max(...deviations)).toBeLessThan(0.52)
    expect(Math.max(...deviations)).toBeGreaterThan(0.4)
    expect(deviations.filter((deviation) => deviation === 0).length).toBeGreaterThan(100)
  })
})
