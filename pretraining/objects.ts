import { squaredDistances } from '../src/model/prediction/distance-transform.ts'
import type { RandomGenerator } from '../src/model/random.ts'
import { isDrawn, logUniform, makePlane, type Plane, SIDE } from './planes.ts'

/** What is to be found in a picture: nuclei or cells, of one kind and size, some of them touching. */
export interface Objects {
  /** `[SIDE, SIDE]`: the objects by number from 1 on, 0 where there is none. */
  numbers: Uint16Array
  count: number
  /** 1 on objects, 0 elsewhere. */
  mask: Plane
  /** Of each pixel of an object from where there is none, in pixels; 0 elsewhere. */
  inside: Plane
  /** Of each other pixel from the nearest object, in pixels; 0 on objects. */
  outside: Plane
}

interface Kind {
  radius: number
  /** Share of the radius by which outlines bulge. */
  roughness: number
  /** Long axis over short axis, at most. */
  elongation: number
  /** Share of an object that another one may hide. */
  overlap: number
}

/** How far beyond the picture objects may lie, so that some are cut by its sides. */
const MARGIN = 5
const FEWEST_PIXELS = 9
const HARMONICS = [2, 3, 4, 5, 6] as const

/** Draws at least two objects. */
export function drawObjects(random: RandomGenerator): Objects {
  for (;;) {
    const numbers = new Uint16Array(SIDE * SIDE)
    const kind: Kind = {
      radius: logUniform(3.5, 32, random),
      roughness: random.uniform(0.02, 0.3),
      elongation: random.uniform(1, isDrawn(0.5, random) ? 4 : 1.5),
      overlap: random.uniform(0, 0.25),
    }
    const covered = random.uniform(0.03, 0.45)
    const wanted = Math.min(400, Math.max(2, (covered * SIDE * SIDE) / (Math.PI * kind.radius ** 2)))
    const clusters = isDrawn(0.4, random)
      ? Array.from({ length: Math.ceil(wanted / 8) }, () => drawPoint(random))
      : undefined
    let count = 0
    for (let attempt = 0; attempt < wanted; attempt++) {
      const cluster = clusters?.[random.nextInteger(clusters.length)]
      const spread = 2.2 * kind.radius
      const centre =
        cluster === undefined
          ? drawPoint(random)
          : { x: cluster.x + spread * random.normal(), y: cluster.y + spread * random.normal() }
      if (drawObject(numbers, count + 1, centre, kind, random)) count++
    }
    if (count >= 2) return measure(numbers, count)
  }
}

function drawPoint(random: RandomGenerator): { x: number; y: number } {
  return { x: random.uniform(-MARGIN, SIDE + MARGIN), y: random.uniform(-MARGIN, SIDE + MARGIN) }
}

/** An ellipse with bulges; whether there was room for it. What lies over an earlier object is hidden. */
function drawObject(
  numbers: Uint16Array,
  number: number,
  centre: { x: number; y: number },
  kind: Kind,
  random: RandomGenerator,
): boolean {
  const radius = kind.radius * Math.exp(0.22 * random.normal())
  const stretch = Math.sqrt(1 + (kind.elongation - 1) * random.next())
  const turn = random.uniform(0, Math.PI)
  const bulges = HARMONICS.map((harmonic) => ({
    harmonic,
    height: (radius * kind.roughness * random.normal()) / harmonic,
    phase: random.uniform(0, 2 * Math.PI),
  }))
  const reach = radius * stretch * 1.8 + 3
  const pixels: number[] = []
  let hidden = 0
  for (let y = Math.max(0, Math.floor(centre.y - reach)); y < Math.min(SIDE, centre.y + reach); y++) {
    for (let x = Math.max(0, Math.floor(centre.x - reach)); x < Math.min(SIDE, centre.x + reach); x++) {
      const [dx, dy] = [x - centre.x, y - centre.y]
      const long = (dx * Math.cos(turn) + dy * Math.sin(turn)) / stretch
      const short = (dy * Math.cos(turn) - dx * Math.sin(turn)) * stretch
      const angle = Math.atan2(short, long)
      const edge = bulges.reduce(
        (sum, { harmonic, height, phase }) => sum + height * Math.cos(harmonic * angle + phase),
        radius,
      )
      if (Math.hypot(long, short) >= edge) continue
      if (numbers[y * SIDE + x] === 0) pixels.push(y * SIDE + x)
      else hidden++
    }
  }
  const area = pixels.length + hidden
  if (area < FEWEST_PIXELS || hidden > kind.overlap * area) return false
  for (const at of pixels) numbers[at] = number
  return true
}

function measure(numbers: Uint16Array, count: number): Objects {
  const mask = makePlane((at) => (numbers[at] === 0 ? 0 : 1))
  return {
    numbers,
    count,
    mask,
    inside: distancesWithin(mask),
    outside: distancesWithin(mask.map((value) => 1 - value)),
  }
}

function distancesWithin(mask: Plane): Plane {
  const cut = { left: true, top: true, right: true, bottom: true }
  const squares = squaredDistances({ width: SIDE, height: SIDE, pixels: Uint8Array.from(mask), cut })
  return makePlane((at) => Math.sqrt(squares[at] as number))
}

/** A value for each object, on its pixels; 0 elsewhere. */
export function perObject({ numbers, count }: Objects, draw: () => number): Plane {
  const values = [0, ...Array.from({ length: count }, draw)]
  return makePlane((at) => values[numbers[at] as number] as number)
}
