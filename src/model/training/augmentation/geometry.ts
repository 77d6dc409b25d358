import type { Augmentation } from '../../plan/plan.ts'
import type { RandomGenerator } from '../../random.ts'
import { elasticDisplacement } from './elastic.ts'

/** Share of the patches that are scaled and sheared; the others keep their pixels as they were taken. */
const affineShare = 0.5
/** Share of the patches that are bent. */
const elasticShare = 0.3

/** A linear map from a step in the patch to a step in the image: `x' = a x + b y`, `y' = c x + d y`. */
export interface LinearMap {
  a: number
  b: number
  c: number
  d: number
}

/** From where in the image each pixel of a patch comes. */
export interface PatchGeometry {
  /** Position in the image, in pixels from the middle of the top left pixel; `[side, side]` each. */
  x: Float64Array
  y: Float64Array
}

/** Draws a turn or mirroring and, for a part of the patches, a zoom and a shear. */
export function drawLinearMap(augmentation: Augmentation, random: RandomGenerator): LinearMap {
  const quarters = augmentation.quarterTurns ? random.nextInteger(4) : 0
  const flipX = augmentation.flips && random.next() < 0.5 ? -1 : 1
  const flipY = augmentation.flips && random.next() < 0.5 ? -1 : 1
  let zoom = 1
  let shear = 0
  if (random.next() < affineShare) {
    zoom = augmentation.scale ** random.uniform(-1, 1)
    shear = random.uniform(-augmentation.shear, augmentation.shear)
  }
  const [cosine, sine] = [
    [1, 0],
    [0, 1],
    [-1, 0],
    [0, -1],
  ][quarters] as [number, number]
  // Flip, then turn, then shear along x (along y by way of the turns), then zoom.
  const a = flipX * cosine
  const b = -flipY * sine
  const c = flipX * sine
  const d = flipY * cosine
  return { a: (a + shear * c) / zoom, b: (b + shear * d) / zoom, c: c / zoom, d: d / zoom }
}

/**
 * Places a patch so that it contains the anchor, at a place in the patch drawn at random, and moves it into the image
 * as far as the anchor allows: pixels from outside the image are used only where it is smaller than the patch, or in
 * the corner of a sheared one.
 * @param side of the patch, in pixels
 */
export function drawGeometry(
  side: number,
  anchor: { x: number; y: number },
  image: { width: number; height: number },
  augmentation: Augmentation,
  random: RandomGenerator,
): PatchGeometry {
  const map = drawLinearMap(augmentation, random)
  const place = placeAnchor(side, anchor, image, map, random)
  const x = new Float64Array(side * side)
  const y = new Float64Array(side * side)
  for (let row = 0, index = 0; row < side; row++) {
    const down = row - place.y
    for (let column = 0; column < side; column++, index++) {
      const across = column - place.x
      x[index] = anchor.x + map.a * across + map.b * down
      y[index] = anchor.y + map.c * across + map.d * down
    }
  }
  if (augmentation.elastic > 0 && random.next() < elasticShare) {
    for (const coordinate of [x, y]) {
      const displacement = elasticDisplacement(side, augmentation.elastic, random)
      // The anchor stays where it is, in the patch.
      const fixed = displacement[place.y * side + place.x] as number
      for (let index = 0; index < coordinate.length; index++) {
        coordinate[index] = (coordinate[index] as number) + (displacement[index] as number) - fixed
      }
    }
  }
  return { x, y }
}

/** The column and row of the patch that the anchor takes. */
function placeAnchor(
  side: number,
  anchor: { x: number; y: number },
  image: { width: number; height: number },
  { a, b, c, d }: LinearMap,
  random: RandomGenerator,
): { x: number; y: number } {
  const column = random.nextInteger(side)
  const row = random.nextInteger(side)
  const last = side - 1
  const left = anchor.x - a * column - b * row + Math.min(0, a * last) + Math.min(0, b * last)
  const top = anchor.y - c * column - d * row + Math.min(0, c * last) + Math.min(0, d * last)
  const moveX = moveInside(left, (Math.abs(a) + Math.abs(b)) * last, image.width - 1)
  const moveY = moveInside(top, (Math.abs(c) + Math.abs(d)) * last, image.height - 1)
  const determinant = a * d - b * c
  // To whole pixels, and rather too far: half a pixel short would leave a border outside the image.
  const wholeStep = (step: number): number => Math.sign(step) * Math.ceil(Math.abs(step) - 1e-9)
  const within = (value: number): number => Math.min(last, Math.max(0, value))
  return {
    x: within(column - wholeStep((d * moveX - b * moveY) / determinant)),
    y: within(row - wholeStep((a * moveY - c * moveX) / determinant)),
  }
}

/** How far to move `start ... start + extent` so that it lies in `0 ... limit`, or covers it where it is longer. */
function moveInside(start: number, extent: number, limit: number): number {
  const room = limit - extent
  return Math.min(Math.max(start, Math.min(0, room)), Math.max(0, room)) - start
}
