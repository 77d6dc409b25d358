import { UNLABELLED, type LabelMap } from '../../model/images/label-map.ts'
import { findObjects } from '../../model/prediction/objects.ts'
import type { RandomGenerator } from '../../model/random.ts'

/** Strokes of each class: each of the first kind on another object, so that none is forgotten for a larger one; */
const STROKES_ON_OBJECTS = 8
/** and more along the class's borders: they teach where an object ends, and a person corrects there most. */
const STROKES_ALONG_BORDERS = 10
/** A border stroke keeps its middle at most this many pixels from another class. */
const BORDER_BAND = 5
const BRUSH_RADII = [3, 4, 5, 6] as const

/**
 * Paints what a person would in a few minutes: strokes of each class that do not cross the class's border, and
 * UNLABELLED everywhere else.
 *
 * @param truth every pixel's class
 */
export function sparseLabels(truth: LabelMap, random: RandomGenerator): LabelMap {
  const labels: LabelMap = { ...truth, values: new Uint8Array(truth.values.length).fill(UNLABELLED) }
  for (const classValue of [...new Set(truth.values)].sort((first, second) => first - second)) {
    const inClass = (at: number) => truth.values[at] === classValue
    const alongBorder = (at: number) => inClass(at) && nearOtherClass(truth, at)
    const objects = largestFirst(random.shuffle(pixelsByObject(truth, classValue)))
    for (let stroke = 0; stroke < STROKES_ON_OBJECTS; stroke++) {
      paintStroke(truth, labels, pick(objects[stroke % objects.length] as number[], random), inClass, random)
    }
    const borders = objects.flat().filter(alongBorder)
    for (let stroke = 0; stroke < STROKES_ALONG_BORDERS && borders.length > 0; stroke++) {
      paintStroke(truth, labels, pick(borders, random), alongBorder, random)
    }
  }
  return labels
}

/** Wanders on from `start` with a hand's inertia, as long as the brush's middle may pass. */
function paintStroke(
  truth: LabelMap,
  labels: LabelMap,
  start: number,
  mayPass: (at: number) => boolean,
  random: RandomGenerator,
): void {
  const { width, height } = truth
  const radius = BRUSH_RADII[random.nextInteger(BRUSH_RADII.length)] as number
  const length = 30 + random.nextInteger(40)
  const classValue = truth.values[start] as number
  let x = start % width
  let y = Math.floor(start / width)
  let heading = random.uniform(0, 2 * Math.PI)
  for (let step = 0; step < length; step++) {
    dab(truth, labels, Math.round(x), Math.round(y), radius, classValue)
    const next = Array.from({ length: 12 }, (_, attempt) => {
      const turned = heading + 0.12 * (1 + attempt) * random.normal()
      return { x: x + Math.cos(turned), y: y + Math.sin(turned), heading: turned }
    }).find(
      (point) =>
        Math.round(point.x) >= 0 &&
        Math.round(point.y) >= 0 &&
        Math.round(point.x) < width &&
        Math.round(point.y) < height &&
        mayPass(Math.round(point.y) * width + Math.round(point.x)),
    )
    if (next === undefined) return
    x = next.x
    y = next.y
    heading = next.heading
  }
}

function dab(
  truth: LabelMap,
  labels: LabelMap,
  centreX: number,
  centreY: number,
  radius: number,
  classValue: number,
): void {
  const { width, height } = truth
  for (let y = Math.max(0, centreY - radius); y <= Math.min(height - 1, centreY + radius); y++) {
    for (let x = Math.max(0, centreX - radius); x <= Math.min(width - 1, centreX + radius); x++) {
      const at = y * width + x
      const inBrush = (x - centreX) ** 2 + (y - centreY) ** 2 <= radius ** 2
      if (inBrush && truth.values[at] === classValue) labels.values[at] = classValue
    }
  }
}

function nearOtherClass({ width, height, values }: LabelMap, at: number): boolean {
  const x = at % width
  const y = Math.floor(at / width)
  for (const [dx, dy] of [
    [BORDER_BAND, 0],
    [-BORDER_BAND, 0],
    [0, BORDER_BAND],
    [0, -BORDER_BAND],
  ] as const) {
    const nearX = x + dx
    const nearY = y + dy
    if (nearX < 0 || nearY < 0 || nearX >= width || nearY >= height) continue
    if (values[nearY * width + nearX] !== values[at]) return true
  }
  return false
}

function pixelsByObject(truth: LabelMap, classValue: number): number[][] {
  const { instances, count } = findObjects(truth, classValue)
  const pixels: number[][] = Array.from({ length: count }, () => [])
  instances.forEach((instance, at) => {
    if (instance > 0) (pixels[instance - 1] as number[]).push(at)
  })
  return pixels
}

/** Nobody overlooks the largest one; the others keep their order. */
function largestFirst(objects: number[][]): number[][] {
  const largest = objects.reduce((best, object) => (object.length > best.length ? object : best))
  return [largest, ...objects.filter((object) => object !== largest)]
}

function pick(pixels: readonly number[], random: RandomGenerator): number {
  return pixels[random.nextInteger(pixels.length)] as number
}
