import type { RandomGenerator } from '../../model/random.ts'

/** What lies on the plate beside the colonies and stays where it is while they grow. */
export interface Plate {
  edge: PlateEdge | undefined
  debris: Debris[]
}

/** The rim of the agar pad: an arc of a large circle, a little wavy. Inside the circle is agar. Pixels. */
export interface PlateEdge {
  centreX: number
  centreY: number
  radius: number
  waves: { count: number; amplitude: number; phase: number }[]
}

export type Debris =
  | {
      kind: 'speck'
      x: number
      y: number
      radius: number
      /** Amplitude and phase of the outline's 2nd, 3rd, ... harmonic, relative to the radius. */
      lobes: { amplitude: number; phase: number }[]
      /** Change of the light inside: negative where the speck absorbs, positive where it scatters. */
      contrast: number
    }
  | { kind: 'fibre'; points: { x: number; y: number }[]; width: number; contrast: number }

/** @param size height and width of the field, in pixels */
export function makePlate(size: number, hasEdge: boolean, random: RandomGenerator): Plate {
  const edge = hasEdge ? makeEdge(size, random) : undefined
  const debris: Debris[] = []
  const specks = 7 + random.nextInteger(5)
  for (let count = 0; count < specks; count++) {
    debris.push({
      kind: 'speck',
      x: random.uniform(0, size),
      y: random.uniform(0, size),
      radius: 5 + 9 * random.next() ** 2,
      lobes: [2, 3, 4, 5].map((harmonic) => ({
        amplitude: random.uniform(0.1, 0.5) / harmonic,
        phase: random.uniform(0, 2 * Math.PI),
      })),
      contrast: random.next() < 0.75 ? -random.uniform(0.3, 0.55) : random.uniform(0.3, 0.5),
    })
  }
  const fibres = 1 + random.nextInteger(3)
  for (let count = 0; count < fibres; count++) debris.push(makeFibre(size, random))
  return { edge, debris }
}

/** Distance to the rim in pixels: positive on the agar, negative beyond; Infinity without a rim. */
export function distanceFromEdge(edge: PlateEdge | undefined, x: number, y: number): number {
  if (edge === undefined) return Infinity
  const angle = Math.atan2(y - edge.centreY, x - edge.centreX)
  let radius = edge.radius
  for (const wave of edge.waves) radius += wave.amplitude * Math.sin(wave.count * angle + wave.phase)
  return radius - Math.hypot(x - edge.centreX, y - edge.centreY)
}

function makeEdge(size: number, random: RandomGenerator): PlateEdge {
  const radius = size * random.uniform(1.8, 2.8)
  const direction = random.uniform(0, 2 * Math.PI)
  const fromMiddle = size * random.uniform(0.26, 0.36)
  return {
    centreX: size / 2 - (radius - fromMiddle) * Math.cos(direction),
    centreY: size / 2 - (radius - fromMiddle) * Math.sin(direction),
    radius,
    waves: [23, 61, 140, 290].map((count) => ({
      count,
      amplitude: random.uniform(30, 60) / count,
      phase: random.uniform(0, 2 * Math.PI),
    })),
  }
}

function makeFibre(size: number, random: RandomGenerator): Debris {
  let x = random.uniform(0, size)
  let y = random.uniform(0, size)
  let heading = random.uniform(0, 2 * Math.PI)
  let turn = 0.03 * random.normal()
  const points = [{ x, y }]
  const steps = 10 + random.nextInteger(25)
  for (let step = 0; step < steps; step++) {
    turn = 0.9 * turn + 0.05 * random.normal()
    heading += turn
    x += 5 * Math.cos(heading)
    y += 5 * Math.sin(heading)
    points.push({ x, y })
  }
  return { kind: 'fibre', points, width: random.uniform(2, 3.2), contrast: -random.uniform(0.3, 0.5) }
}
