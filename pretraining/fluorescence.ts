import type { RandomGenerator } from '../src/model/random.ts'
import { drawFibre, drawSpecks } from './clutter.ts'
import { type Objects, perObject } from './objects.ts'
import {
  blurred,
  isDrawn,
  logUniform,
  makePlane,
  type Plane,
  quantile,
  smoothNoise,
  unevenness,
} from './planes.ts'

/** Bright objects on a dark ground: haze, cytoplasm, threads and dust beside them, the noise of few photons. */
export function drawFluorescence(objects: Objects, random: RandomGenerator): Plane {
  let light = drawGlow(objects, random)
  const add = (extra: Plane, strength: number): void => {
    light = light.map((value, at) => value + strength * (extra[at] as number))
  }
  const ground = random.uniform(0, 0.5)
  const slope = random.uniform(0, 0.4)
  const uneven = unevenness(random)
  light = light.map((value, at) => value + ground * (1 + slope * (uneven[at] as number)))
  add(blurred(light, random.uniform(6, 20)), random.uniform(0, 0.35))
  if (isDrawn(0.4, random))
    add(blurred(shifted(light, random), random.uniform(5, 9)), random.uniform(0.1, 0.6))
  if (isDrawn(0.3, random)) {
    const reach = random.uniform(4, 14)
    const grain = smoothNoise(2, random)
    const cytoplasm = makePlane(
      (at) =>
        Math.exp(-(objects.outside[at] as number) / reach) * Math.max(0, 1 + 0.5 * (grain[at] as number)),
    )
    add(cytoplasm, random.uniform(0.05, 0.35))
  }
  if (isDrawn(0.25, random)) {
    const threads = 1 + random.nextInteger(3)
    for (let thread = 0; thread < threads; thread++) {
      add(drawFibre(random.uniform(0.8, 2.5), random), random.uniform(0.3, 3))
    }
  }
  if (isDrawn(0.3, random)) {
    const dust = drawSpecks(1 + random.nextInteger(11), () => random.uniform(0.7, 2.2), random)
    add(
      dust.map((value, at) => value * (1 - (objects.mask[at] as number))),
      random.uniform(0.3, 3),
    )
  }
  if (isDrawn(0.12, random)) {
    add(
      drawSpecks(1 + random.nextInteger(2), () => random.uniform(20, 60), random),
      random.uniform(0.5, 3),
    )
  }
  return photograph(light, random)
}

/** The objects alone, 1 where one is of middle brightness. */
function drawGlow(objects: Objects, random: RandomGenerator): Plane {
  const spread = random.uniform(0.05, 0.7)
  const brightness = perObject(objects, () => Math.exp(spread * random.normal()))
  const contrast = random.uniform(0.05, 0.45)
  const texture = smoothNoise(logUniform(0.7, 5, random), random)
  let glow = brightness.map((value, at) => value * Math.max(0.1, 1 + contrast * (texture[at] as number)))
  if (isDrawn(0.3, random)) {
    const [rim, width] = [random.uniform(-0.5, 0.6), random.uniform(2, 6)]
    glow = glow.map((value, at) => value * (1 + rim * Math.exp(-(objects.inside[at] as number) / width)))
  }
  if (isDrawn(0.25, random)) {
    const nucleoli = smoothNoise(1.6, random)
    glow = glow.map((value, at) => value * ((nucleoli[at] as number) > 1.7 ? 0.4 : 1))
  }
  return blurred(glow, logUniform(0.4, 2.7, random))
}

/** What lies in another plane of focus: the same kind of things elsewhere. */
function shifted(plane: Plane, random: RandomGenerator): Plane {
  const by = random.nextInteger(plane.length)
  return makePlane((at) => plane[(at + by) % plane.length] as number)
}

/** Shot noise of a bright or a dim picture, the camera's noise, and now and then a camera that is dazzled. */
function photograph(light: Plane, random: RandomGenerator): Plane {
  const bright = Math.max(1e-3, quantile(light, 0.99))
  const photons = logUniform(5, 1000, random)
  const readNoise = random.uniform(0, 0.03)
  let picture = light.map((value) => {
    const expected = Math.min(20, Math.max(0, value / bright))
    // For more than a few photons Poisson's distribution is close to a normal one.
    return Math.max(0, expected + Math.sqrt(expected / photons + readNoise ** 2) * random.normal())
  })
  if (isDrawn(0.3, random)) picture = blurred(picture, random.uniform(0.3, 0.9))
  if (!isDrawn(0.3, random)) return picture
  const full = quantile(picture, random.uniform(0.9, 0.99))
  return picture.map((value) => Math.min(full, value))
}
