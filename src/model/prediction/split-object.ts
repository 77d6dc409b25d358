import { type ObjectPixels, squaredDistances } from './distance-transform.ts'
import { numberInOrder } from './number-in-order.ts'

/**
 * In pixels: a waist that lies less than this below what it joins, counted from the outline to the middle, may be a step of the
 * digital outline. Splitting there would cut small objects everywhere.
 */
const LEAST_NARROWING = 1

/**
 * Splits an object where it has a waist, as where two round objects touch: a watershed of the distance from the outline
 * (F. Meyer, "Un algorithme optimal pour la ligne de partage des eaux", 1991), whose basins are the maxima that
 * rise enough over the pass to a higher one (their dynamics; M. Grimaud, "A new measure of contrast: the dynamics", 1992). Enough
 * is a part of their own height, so that one setting suits small and large objects.
 * @param waist 0 to 1: the object is cut where the waist is narrower than this part of the width of the narrower of the two
 *   parts that it joins
 * @returns `[height, width]`: 0 outside, 1 ... count for the parts, in reading order of their first pixels; every pixel of
 *   the object belongs to one. 8-connected.
 */
export function splitObject(mask: ObjectPixels, waist: number): { parts: Int32Array; count: number } {
  const { width, height, pixels } = mask
  const distances = squaredDistances(mask)
  // Without an outline, there is no waist.
  const hasOutline = (distances[pixels.indexOf(1)] as number) <= width ** 2 + height ** 2
  const relief = hasOutline ? reliefOf(distances, width, height) : undefined
  const markers = relief && findMarkers(relief, waist)
  if (relief === undefined || markers === undefined) return { parts: Int32Array.from(pixels), count: 1 }
  flood(relief, markers)
  const parts = new Int32Array(width * height)
  for (let y = 0; y < height; y++) {
    const from = (y + 1) * relief.stride + 1
    parts.set(markers.subarray(from, from + width), y * width)
  }
  return { parts, count: numberInOrder(parts).count }
}

/** Squared distances from the outline, with a frame of one pixel, so that every pixel of the object has eight neighbours. */
interface Relief {
  stride: number
  /** 0 where the object is not. */
  heights: Int32Array
  /** From a pixel to its neighbours, in reading order. */
  steps: Int32Array
}

function reliefOf(distances: Int32Array, width: number, height: number): Relief {
  const stride = width + 2
  const heights = new Int32Array(stride * (height + 2))
  for (let y = 0; y < height; y++) {
    heights.set(distances.subarray(y * width, (y + 1) * width), (y + 1) * stride + 1)
  }
  const steps = Int32Array.of(-stride - 1, -stride, -stride + 1, -1, 1, stride - 1, stride, stride + 1)
  return { stride, heights, steps }
}

/**
 * Floods downwards from the maxima. Where two floods meet, the lower maximum is part of the higher one's if it rises too
 * little over the place; else the two are parts, which own for certain what they flooded before.
 * @returns by pixel the maximum of the part that owns it for certain, 0 for none yet; undefined where there is one part only
 */
function findMarkers({ heights, steps }: Relief, waist: number): Int32Array | undefined {
  const order = fromTheTop(heights)
  /** Of pixels that are flooded: towards the first pixel of the flood, which is its maximum; 0: not flooded. */
  const parents = new Int32Array(heights.length)
  /** By maximum: the height where it first met another part; 0: nowhere. */
  const meetings = new Int32Array(heights.length)
  let isSplit = false
  for (const at of order) {
    const pass = heights[at] as number
    let own = 0
    for (const step of steps) {
      if (parents[at + step] === 0) continue
      const other = rootOf(parents, at + step)
      if (own === 0) {
        own = other
        parents[at] = other
      } else if (other !== own) {
        const isHigher = (heights[own] as number) >= (heights[other] as number)
        const [higher, lower] = isHigher ? [own, other] : [other, own]
        if (!rises(heights[lower] as number, pass, waist)) {
          parents[lower] = higher
          own = higher
        } else {
          isSplit = true
          if (meetings[higher] === 0) meetings[higher] = pass
          if (meetings[lower] === 0) meetings[lower] = pass
        }
      }
    }
    if (own === 0) parents[at] = at
  }
  if (!isSplit) return undefined
  const markers = new Int32Array(heights.length)
  for (const maximum of order) {
    if (parents[maximum] === maximum)
      fillAbove(meetings[maximum] as number, maximum, { heights, steps }, markers)
  }
  return markers
}

/** Marks what is connected to a maximum above a height. */
function fillAbove(
  height: number,
  maximum: number,
  { heights, steps }: Pick<Relief, 'heights' | 'steps'>,
  markers: Int32Array,
): void {
  const waiting = [maximum]
  markers[maximum] = maximum
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const step of steps) {
      const near = at + step
      if ((heights[near] as number) <= height || markers[near] !== 0) continue
      markers[near] = maximum
      waiting.push(near)
    }
  }
}

/** @param maximum, pass squared distances */
function rises(maximum: number, pass: number, waist: number): boolean {
  const [top, bottom] = [Math.sqrt(maximum), Math.sqrt(pass)]
  return bottom < waist * top && top - bottom >= LEAST_NARROWING
}

function rootOf(parents: Int32Array, at: number): number {
  let root = at
  while (parents[root] !== root) {
    const grandparent = parents[parents[root] as number] as number
    parents[root] = grandparent
    root = grandparent
  }
  return root
}

/** Gives every pixel to a part: the highest first, of equal ones those that were reached first. */
function flood({ heights, steps }: Relief, parts: Int32Array): void {
  const top = heights.reduce((most, height) => Math.max(most, height), 0)
  /** By height: the first and the last pixel that waits; 0: none. */
  const firsts = new Int32Array(top + 1)
  const lasts = new Int32Array(top + 1)
  const followers = new Int32Array(parts.length)
  let highest = 0
  const wait = (at: number): void => {
    const height = heights[at] as number
    if (firsts[height] === 0) firsts[height] = at
    else followers[lasts[height] as number] = at
    lasts[height] = at
    if (height > highest) highest = height
  }
  for (let at = 0; at < parts.length; at++) if (parts[at] !== 0) wait(at)
  while (highest > 0) {
    const at = firsts[highest] as number
    if (at === 0) {
      highest--
      continue
    }
    firsts[highest] = followers[at] as number
    for (const step of steps) {
      const near = at + step
      if (heights[near] === 0 || parts[near] !== 0) continue
      parts[near] = parts[at] as number
      wait(near)
    }
  }
}

/** The pixels of an object, the highest first, of equal ones in reading order. Counts, as heights are small numbers. */
function fromTheTop(heights: Int32Array): Int32Array {
  const top = heights.reduce((most, height) => Math.max(most, height), 0)
  /** By height: where the next pixel of it goes. */
  const places = new Int32Array(top + 1)
  let area = 0
  for (const height of heights) {
    if (height === 0) continue
    places[height] = (places[height] as number) + 1
    area++
  }
  for (let height = top, place = 0; height > 0; height--) {
    const count = places[height] as number
    places[height] = place
    place += count
  }
  const order = new Int32Array(area)
  heights.forEach((height, at) => {
    if (height === 0) return
    const place = places[height] as number
    order[place] = at
    places[height] = place + 1
  })
  return order
}
