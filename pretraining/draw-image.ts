import type { RandomGenerator } from '../src/model/random.ts'
import { drawAbsorption } from './absorption.ts'
import { drawFluorescence } from './fluorescence.ts'
import { drawObjects, type Objects } from './objects.ts'
import { drawPhaseContrast } from './phase-contrast.ts'
import { isDrawn, type Plane, quantile, SIDE } from './planes.ts'
import { drawStain } from './stain.ts'

export const CLASS_NAMES = ['background', 'object', 'outline'] as const
const [BACKGROUND, OBJECT, OUTLINE] = [0, 1, 2]

/** A picture of 16 bits and one channel, or of 8 bits in colour, and what each of its pixels shows. */
export interface DrawnImage {
  /** `[SIDE, SIDE, channels]` */
  samples: Uint8Array | Uint16Array
  /** `[SIDE, SIDE]`, of CLASS_NAMES. */
  labels: Uint8Array
}

/** Draws a picture as one of many microscopes could have made it: of ten, about four and a half are of fluorescence. */
export function drawImage(random: RandomGenerator): DrawnImage {
  const objects = drawObjects(random)
  const kind = random.next()
  if (kind < 0.45) {
    const picture = drawFluorescence(objects, random)
    return {
      samples: isDrawn(0.15, random) ? inColour(toBytes(picture), random) : toWords(picture, random),
      labels: labelsOf(objects),
    }
  }
  if (kind < 0.57)
    return { samples: toWords(drawAbsorption(objects, random), random), labels: labelsOf(objects) }
  if (kind < 0.8) {
    const { picture, beyond } = drawPhaseContrast(objects, random)
    const labels = labelsOf(objects)
    return {
      samples: toWords(picture, random),
      labels: labels.map((value, at) => ((beyond?.[at] ?? -1) >= 0 ? BACKGROUND : value)),
    }
  }
  const channels = drawStain(objects, random)
  const samples = new Uint8Array(3 * SIDE * SIDE)
  channels.forEach((plane, channel) => {
    plane.forEach((value, at) => {
      samples[3 * at + channel] = Math.round(Math.min(255, Math.max(0, 255 * value)))
    })
  })
  return { samples, labels: labelsOf(objects) }
}

/** An object's pixels that border on anything else, another object too, are its outline. */
function labelsOf({ numbers }: Objects): Uint8Array {
  const at = (x: number, y: number): number | undefined =>
    x < 0 || y < 0 || x >= SIDE || y >= SIDE ? undefined : numbers[y * SIDE + x]
  return Uint8Array.from(numbers, (number, index) => {
    if (number === 0) return BACKGROUND
    const [x, y] = [index % SIDE, Math.floor(index / SIDE)]
    const around = [at(x - 1, y), at(x + 1, y), at(x, y - 1), at(x, y + 1)]
    return around.some((other) => other !== undefined && other !== number) ? OUTLINE : OBJECT
  })
}

/** Stretched, as far as a few hot pixels do not hinder it, to a part of the 16 bits, by a curve now and then. */
function toWords(picture: Plane, random: RandomGenerator): Uint16Array {
  const curve = isDrawn(0.3, random) ? random.uniform(0.6, 1.6) : 1
  const [floor, range] = [random.uniform(50, 2000), random.uniform(2000, 60_000)]
  return Uint16Array.from(stretched(picture), (value) =>
    Math.round(Math.min(65_535, floor + range * value ** curve)),
  )
}

function toBytes(picture: Plane): Uint8Array {
  return Uint8Array.from(stretched(picture), (value) => Math.round(255 * value))
}

function stretched(picture: Plane): Plane {
  const [low, high] = [quantile(picture, 0.001), quantile(picture, 0.999)]
  return picture.map((value) => Math.min(1, Math.max(0, (value - low) / Math.max(1e-6, high - low))))
}

/** A grey picture shown in one hue, as exported by many a microscope's program. */
function inColour(grey: Uint8Array, random: RandomGenerator): Uint8Array {
  const hue = [random.uniform(0.2, 1), random.uniform(0.2, 1), random.uniform(0.2, 1)] as const
  return Uint8Array.from({ length: 3 * grey.length }, (_, at) =>
    Math.round((grey[Math.floor(at / 3)] as number) * (hue[at % 3] as number)),
  )
}
