import type { RandomGenerator } from '../src/model/random.ts'
import { drawFibre } from './clutter.ts'
import { type Objects, perObject } from './objects.ts'
import { blurred, isDrawn, makePlane, type Plane, smoothNoise, unevenness } from './planes.ts'

type Colour = readonly [red: number, green: number, blue: number]

/** Tissue stained in two colours on a bright slide: nuclei mostly blue or purple, the rest pink. @returns red, green, blue, 0 to 1 */
export function drawStain(objects: Objects, random: RandomGenerator): [Plane, Plane, Plane] {
  const glass: Colour = [random.uniform(0.75, 1), random.uniform(0.55, 1), random.uniform(0.75, 1)]
  const tissueColour: Colour = [
    random.uniform(0.6, 0.95),
    random.uniform(0.35, 0.75),
    random.uniform(0.55, 0.9),
  ]
  const nucleusColour = drawNucleusColour(glass, random)
  const soft = blurred(objects.mask, random.uniform(0.4, 1.6))
  const tissue = drawTissue(objects, random)
  const stained = drawStained(objects, soft, random)
  const fibre = drawFibre(random.uniform(1, 3), random)
  const fibreDepth = isDrawn(0.4, random) ? random.uniform(0.1, 0.5) : 0
  const uneven = unevenness(random)
  const slope = random.uniform(0, 0.1)
  const defocus = random.uniform(0.2, 1.5)
  const noise = random.uniform(0, 0.05)
  const drawChannel = (channel: 0 | 1 | 2): Plane => {
    const light = makePlane((at) => {
      const [ground, covered] = [tissue[at] as number, stained[at] as number]
      const around = glass[channel] * (1 - ground) + tissueColour[channel] * ground
      const thread =
        fibreDepth * (fibre[at] as number) * (1 - (soft[at] as number)) * (1 - tissueColour[channel])
      return (
        (around * (1 - covered) + nucleusColour[channel] * covered - thread) *
        (1 + slope * (uneven[at] as number))
      )
    })
    return blurred(light, defocus).map((value) => value + noise * random.normal())
  }
  return [drawChannel(0), drawChannel(1), drawChannel(2)]
}

/** Dark and bluish; in three of ten pictures hardly darker than the slide, in any hue. */
function drawNucleusColour(glass: Colour, random: RandomGenerator): Colour {
  if (isDrawn(0.3, random)) {
    return [
      glass[0] - random.uniform(0.05, 0.35),
      glass[1] - random.uniform(0.05, 0.35),
      glass[2] - random.uniform(0.05, 0.35),
    ]
  }
  return [random.uniform(0.15, 0.6), random.uniform(0.1, 0.5), random.uniform(0.35, 0.75)]
}

/** Share of the tissue's colour, 0 to 1: in patches, and around the nuclei. */
function drawTissue({ outside }: Objects, random: RandomGenerator): Plane {
  const patches = smoothNoise(random.uniform(4, 25), random)
  const level = random.uniform(-1, 1)
  const grain = smoothNoise(random.uniform(0.8, 3), random)
  const around = random.uniform(0, 0.8)
  const reach = random.uniform(3, 15)
  return makePlane((at) => {
    const patch = Math.min(1, Math.max(0, 0.8 * (patches[at] as number) + level))
    const grained = Math.min(1, patch * Math.max(0, 1 + 0.4 * (grain[at] as number)))
    return Math.max(grained, around * Math.exp(-(outside[at] as number) / reach))
  })
}

/** Share of the nuclei's colour, 0 to 1. */
function drawStained(objects: Objects, soft: Plane, random: RandomGenerator): Plane {
  const strength = random.uniform(0.5, 1)
  const strengths = perObject(objects, () => Math.min(1, Math.max(0.15, strength + 0.2 * random.normal())))
  const texture = smoothNoise(random.uniform(0.6, 2.5), random)
  const contrast = random.uniform(0.05, 0.35)
  return makePlane((at) =>
    Math.min(
      1.3,
      Math.max(
        0,
        (soft[at] as number) * (strengths[at] as number) * (1 + contrast * (texture[at] as number)),
      ),
    ),
  )
}
