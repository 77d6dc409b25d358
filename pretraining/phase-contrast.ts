import type { RandomGenerator } from '../src/model/random.ts'
import { drawFibre, drawSpecks } from './clutter.ts'
import { type Objects, perObject } from './objects.ts'
import { blurred, isDrawn, makePlane, type Plane, SIDE, smoothNoise, unevenness } from './planes.ts'

/** Where a picture shows the vessel beside its specimen: pixels beyond the edge, negative before it. */
type Edge = Plane | undefined

/** Objects as grey as the ground, with texture, dark rims and bright halos; in some pictures the edge of the vessel. */
export function drawPhaseContrast(
  objects: Objects,
  random: RandomGenerator,
): { picture: Plane; beyond: Edge } {
  const soft = blurred(objects.mask, random.uniform(0.4, 1.6))
  const halo = { height: random.uniform(0.2, 1), width: random.uniform(1.2, 4) }
  const rim = { depth: random.uniform(0, 0.8), width: random.uniform(1, 4) }
  const brightness = random.uniform(-0.6, 0.25)
  const levels = perObject(objects, () => brightness + 0.15 * random.normal())
  const texture = smoothNoise(random.uniform(0.8, 3.3), random)
  const contrast = random.uniform(0.05, 0.4)
  const uneven = unevenness(random)
  const slope = random.uniform(0, 0.1)
  const grain = smoothNoise(random.uniform(0.7, 3), random)
  const graininess = random.uniform(0.01, 0.06)
  const specks = drawSpecks(1 + random.nextInteger(13), () => random.uniform(0.8, 4), random)
  const speckHeight = isDrawn(0.6, random) ? random.uniform(0.2, 0.8) * (isDrawn(0.5, random) ? 1 : -1) : 0
  const fibre = drawFibre(random.uniform(0.8, 3), random)
  const fibreHeight = isDrawn(0.3, random) ? random.uniform(-0.8, 0.8) : 0
  const light = makePlane((at) => {
    const [covered, inside, outside] = [soft[at], objects.inside[at], objects.outside[at]] as [
      number,
      number,
      number,
    ]
    const body =
      (levels[at] as number) + contrast * (texture[at] as number) - rim.depth * Math.exp(-inside / rim.width)
    const around = halo.height * Math.exp(-outside / halo.width) + speckHeight * (specks[at] as number)
    return (
      covered * body +
      (1 - covered) * around +
      fibreHeight * (fibre[at] as number) +
      slope * (uneven[at] as number) +
      graininess * (grain[at] as number)
    )
  })
  const beyond = isDrawn(0.25, random) ? drawEdge(light, random) : undefined
  const noise = random.uniform(0, 0.06)
  const picture = blurred(light, random.uniform(0.2, 0.9)).map((value) => value + noise * random.normal())
  return { picture, beyond }
}

/** Draws the edge of a vessel over a side of the picture: a bright line, and rough dark matter beyond. */
function drawEdge(light: Plane, random: RandomGenerator): Plane {
  const direction = random.uniform(0, 2 * Math.PI)
  const distance = random.uniform(60, 120)
  const ragged = smoothNoise(12, random)
  const matter = smoothNoise(2, random)
  const darkness = random.uniform(-1, 0.2)
  const beyond = makePlane((at) => {
    const [x, y] = [(at % SIDE) - SIDE / 2, Math.floor(at / SIDE) - SIDE / 2]
    return x * Math.cos(direction) + y * Math.sin(direction) - distance + 3 * (ragged[at] as number)
  })
  for (let at = 0; at < light.length; at++) {
    const share = 1 / (1 + Math.exp(-(beyond[at] as number) / 1.5))
    const line = Math.exp(-(((beyond[at] as number) / 3) ** 2))
    light[at] = (light[at] as number) * (1 - share) + share * (darkness + 0.4 * (matter[at] as number)) + line
  }
  return beyond
}
