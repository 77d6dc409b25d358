import type { RandomGenerator } from '../src/model/random.ts'
import { blurred, makePlane, type Plane, SIDE } from './planes.ts'

// What pictures show beside the objects, and what is not to be taken for them. Planes from 0 to about 1.

/** A thread that wanders through the picture. @param deviation half its width, about, in pixels */
export function drawFibre(deviation: number, random: RandomGenerator): Plane {
  const plane = makePlane(() => 0)
  let [x, y, heading] = [random.uniform(0, SIDE), random.uniform(0, SIDE), random.uniform(0, 2 * Math.PI)]
  const length = random.uniform(40, 500)
  for (let step = 0; step < length; step++) {
    heading += 0.06 * random.normal()
    x += Math.cos(heading)
    y += Math.sin(heading)
    if (x >= 0 && y >= 0 && x < SIDE && y < SIDE) plane[Math.floor(y) * SIDE + Math.floor(x)] = 1
  }
  // A line one pixel wide, blurred, is 1 / (deviation sqrt(2 pi)) high in its middle.
  return blurred(plane, deviation).map((value) => Math.min(1, 4 * deviation * value))
}

/** Roundish specks or clouds. @param drawRadius of each, in pixels */
export function drawSpecks(count: number, drawRadius: () => number, random: RandomGenerator): Plane {
  const plane = makePlane(() => 0)
  for (let speck = 0; speck < count; speck++) {
    const [centreX, centreY, radius] = [random.uniform(0, SIDE), random.uniform(0, SIDE), drawRadius()]
    const power = random.next() < 0.5 ? 1 : 2
    for (let at = 0; at < plane.length; at++) {
      const square = ((at % SIDE) - centreX) ** 2 + (Math.floor(at / SIDE) - centreY) ** 2
      if (square > 9 * radius ** 2) continue
      plane[at] = Math.max(plane[at] as number, Math.exp(-((square / radius ** 2) ** power)))
    }
  }
  return plane
}
