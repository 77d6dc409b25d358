import type { RandomGenerator } from '../src/model/random.ts'
import { drawSpecks } from './clutter.ts'
import { type Objects, perObject } from './objects.ts'
import { blurred, isDrawn, makePlane, type Plane, smoothNoise, unevenness } from './planes.ts'

/** Dark objects on a bright ground, grey: stains in one colour's light, bright field out of focus. */
export function drawAbsorption(objects: Objects, random: RandomGenerator): Plane {
  const edge = blurred(objects.mask, random.uniform(0.4, 1.6))
  const depth = random.uniform(0.2, 0.8)
  const depths = perObject(objects, () => depth * Math.exp(0.2 * random.normal()))
  const texture = smoothNoise(1.5, random)
  const uneven = unevenness(random)
  const slope = random.uniform(0, 0.15)
  const grain = smoothNoise(random.uniform(1, 6), random)
  const graininess = random.uniform(0, 0.1)
  const cytoplasm = isDrawn(0.5, random) ? random.uniform(0.1, 0.3) : 0
  const reach = random.uniform(4, 14)
  const specks = drawSpecks(1 + random.nextInteger(9), () => random.uniform(0.7, 2.5), random)
  const speckDepth = isDrawn(0.5, random) ? random.uniform(0.2, 0.8) : 0
  const light = makePlane((at) => {
    const absorbed =
      (edge[at] as number) * (depths[at] as number) * Math.max(0.1, 1 + 0.3 * (texture[at] as number))
    const passed =
      (1 - absorbed) * (1 + slope * (uneven[at] as number) + graininess * (grain[at] as number)) -
      cytoplasm * Math.exp(-(objects.outside[at] as number) / reach)
    return passed - speckDepth * (specks[at] as number) * (1 - (edge[at] as number))
  })
  const noise = random.uniform(0, 0.08)
  return blurred(light, random.uniform(0.3, 1.6)).map((value) => value + noise * random.normal())
}
