import { expect, test } from 'vitest'
import { type ObjectPixels, squaredDistances } from '../../../src/model/prediction/distance-transform.ts'
import { splitObject } from '../../../src/model/prediction/split-object.ts'
import { RandomGenerator } from '../../../src/model/random.ts'

const random = new RandomGenerator(11)

/** Overlapping discs in a rectangle: one connected object, some of its sides where the picture ends. */
function randomMask(): ObjectPixels {
  const [width, height] = [16 + random.nextInteger(24), 16 + random.nextInteger(24)]
  const pixels = new Uint8Array(width * height)
  let [x, y] = [random.nextInteger(width), random.nextInteger(height)]
  for (let disc = 0; disc < 1 + random.nextInteger(5); disc++) {
    const radius = 3 + 4 * random.next()
    for (let at = 0; at < pixels.length; at++) {
      if (Math.hypot((at % width) - x, Math.floor(at / width) - y) <= radius) pixels[at] = 1
    }
    const angle = 2 * Math.PI * random.next()
    x = Math.min(width - 1, Math.max(0, Math.round(x + 1.8 * radius * Math.cos(angle))))
    y = Math.min(height - 1, Math.max(0, Math.round(y + 1.8 * radius * Math.sin(angle))))
  }
  // What another disc does not touch would be another object.
  const reached = reach(pixels, width, pixels.indexOf(1), () => true)
  const side = (): boolean => random.next() < 0.3
  return {
    width,
    height,
    pixels: pixels.map((_, at) => (reached.has(at) ? 1 : 0)),
    cut: { left: side(), top: side(), right: side(), bottom: side() },
  }
}

function neighbours(at: number, width: number, length: number): number[] {
  return [-1, 0, 1].flatMap((dy) =>
    [-1, 0, 1].flatMap((dx) => {
      const [x, y] = [(at % width) + dx, Math.floor(at / width) + dy]
      const near = y * width + x
      return (dx === 0 && dy === 0) || x < 0 || x >= width || y < 0 || near >= length ? [] : near
    }),
  )
}

/** The pixels of the object that are connected to one by those that pass. */
function reach(
  pixels: Uint8Array,
  width: number,
  from: number,
  passes: (at: number) => boolean,
): Set<number> {
  const reached = new Set([from])
  for (const at of reached) {
    for (const near of neighbours(at, width, pixels.length)) {
      if (pixels[near] === 1 && passes(near)) reached.add(near)
    }
  }
  return reached
}

/** By looking at every pixel, and at a frame of pixels beyond the sides where the picture goes on. */
function distancesByHand({ width, height, pixels, cut }: ObjectPixels): number[] {
  const outside: [number, number][] = []
  for (let y = cut.top ? 0 : -1; y < (cut.bottom ? height : height + 1); y++) {
    for (let x = cut.left ? 0 : -1; x < (cut.right ? width : width + 1); x++) {
      const isInside = x >= 0 && y >= 0 && x < width && y < height && pixels[y * width + x] === 1
      if (!isInside) outside.push([x, y])
    }
  }
  return Array.from(pixels, (_, at) =>
    Math.min(...outside.map(([x, y]) => (x - (at % width)) ** 2 + (y - Math.floor(at / width)) ** 2)),
  )
}

/**
 * The definition, level by level: a maximum counts where it rises enough over the highest pass to a higher one; it owns
 * the largest region above a level that holds no other that counts; the rest goes to who reaches it first from above.
 */
function splitByHand(mask: ObjectPixels, heights: number[], waist: number): number[] {
  const { width, pixels } = mask
  const own = Array.from(pixels.keys()).filter((at) => pixels[at] === 1)
  const levels = [...new Set(own.map((at) => heights[at] as number))].sort((one, other) => other - one)
  const above = (level: number) => (at: number) => (heights[at] as number) >= level
  const isHigher = (one: number, other: number): boolean =>
    (heights[one] as number) > (heights[other] as number) || (heights[one] === heights[other] && one < other)
  const counting = own.filter((at) => {
    const pass = levels.find(
      (level) =>
        level <= (heights[at] as number) &&
        [...reach(pixels, width, at, above(level))].some((other) => isHigher(other, at)),
    )
    if (pass === undefined) return true
    const [top, bottom] = [Math.sqrt(heights[at] as number), Math.sqrt(pass)]
    return bottom < waist * top && top - bottom >= 1
  })
  const parts = Array.from(pixels, () => 0)
  if (counting.length > 1) {
    const queue: { at: number; age: number }[] = []
    counting.forEach((maximum) => {
      const regions = levels
        .filter((level) => level <= (heights[maximum] as number))
        .map((level) => reach(pixels, width, maximum, above(level)))
        .filter((region) => counting.every((other) => other === maximum || !region.has(other)))
      for (const at of regions.at(-1) ?? []) parts[at] = maximum + 1
    })
    parts.forEach((part, at) => {
      if (part !== 0) queue.push({ at, age: queue.length })
    })
    let age = queue.length
    while (queue.length > 0) {
      queue.sort(
        (one, other) => (heights[other.at] as number) - (heights[one.at] as number) || one.age - other.age,
      )
      const { at } = queue.shift() as { at: number; age: number }
      for (const near of neighbours(at, width, pixels.length)) {
        if (pixels[near] !== 1 || parts[near] !== 0) continue
        parts[near] = parts[at] as number
        queue.push({ at: near, age: age++ })
      }
    }
  } else for (const at of own) parts[at] = 1
  const order = [...new Set(parts.filter((part) => part !== 0))]
  return parts.map((part) => (part === 0 ? 0 : order.indexOf(part) + 1))
}

test('distances are those to the nearest pixel that is not part of the object', () => {
  for (let round = 0; round < 30; round++) {
    const mask = randomMask()
    const byHand = distancesByHand(mask)
    // Where there is nothing else, a distance longer than the picture.
    const far = (mask.width + mask.height + 2) ** 2
    expect([...squaredDistances(mask)]).toEqual(byHand.map((each) => Math.min(each, far)))
  }
})

test('objects are split as the definition says, into parts that are connected', () => {
  const counts = new Map<number, number>()
  for (let round = 0; round < 50; round++) {
    const mask = randomMask()
    const waist = 0.7 + 0.3 * random.next()
    const { parts, count } = splitObject(mask, waist)
    expect([...parts]).toEqual(splitByHand(mask, [...squaredDistances(mask)], waist))
    for (let part = 1; part <= count; part++) {
      const own = mask.pixels.map((_, at) => (parts[at] === part ? 1 : 0))
      const area = own.filter((pixel) => pixel === 1).length
      expect(reach(own, mask.width, own.indexOf(1), () => true).size).toBe(area)
    }
    counts.set(count, (counts.get(count) ?? 0) + 1)
  }
  // The masks say something: of one part, of two, and of more.
  expect([...counts.keys()].sort()).toEqual(expect.arrayContaining([1, 2, 3]))
  expect(counts.get(2)).toBeGreaterThan(3)
})
