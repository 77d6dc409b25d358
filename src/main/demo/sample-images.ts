import { RandomGenerator } from '../../model/random.ts'
import type { LabelMap } from '../../model/images/label-map.ts'
import { Camera, plateGrain } from './camera.ts'
import { growColonies } from './growth.ts'
import { distanceFromEdge, makePlate, type Plate } from './plate.ts'
import { drawScene } from './scene.ts'

/** Height and width of the pictures, in pixels, where nobody asks for another. */
export const SAMPLE_SIZE = 512
/** Micrometres a pixel, as of a 10x objective and a 5 µm camera. */
export const SAMPLE_PIXEL_SIZE = 0.5
/** Hours after plating, one picture each. */
export const SAMPLE_HOURS = [0, 2, 4, 6, 8, 10] as const

/** Every second field shows the rim of the agar. The last two are held out: training never sees them. */
const FIELDS = [
  { name: 'A', hasEdge: true, heldOut: false },
  { name: 'B', hasEdge: false, heldOut: false },
  { name: 'C', hasEdge: true, heldOut: false },
  { name: 'D', hasEdge: true, heldOut: true },
  { name: 'E', hasEdge: false, heldOut: true },
] as const
/** In which hours a person labels the fields for training. */
const LABELLED_HOURS: readonly number[] = [2, 6, 10]
export const SAMPLE_FRAMES = FIELDS.length * SAMPLE_HOURS.length

export interface SampleFrame {
  /** `field_A_02h`, without an extension. */
  name: string
  field: string
  hour: number
  role: 'labelled' | 'unlabelled' | 'held out'
  /** `[size, size]`, a 12-bit camera's values. */
  picture: Uint16Array
  /** What each pixel really shows: the classes of SAMPLE_CLASSES, no pixel left out. */
  truth: LabelMap
}

/**
 * Invents a time-lapse of yeast microcolonies on a plate, frame by frame; the same seed gives the same pixels.
 * @param size height and width of the pictures; smaller ones show less of the plate, not smaller cells
 */
export function* sampleFrames(seed: number, size = SAMPLE_SIZE): Generator<SampleFrame> {
  const random = new RandomGenerator(seed)
  const camera = new Camera(size, new RandomGenerator(random.nextSeed()))
  for (const { name: field, hasEdge, heldOut } of FIELDS) {
    const fieldRandom = new RandomGenerator(random.nextSeed())
    const plate = makePlate(size, hasEdge, fieldRandom)
    const grain = plateGrain(size, fieldRandom)
    const cellsOverTime = growColonies(placeFounders(plate, size, fieldRandom), SAMPLE_HOURS, fieldRandom)
    for (const [index, hour] of SAMPLE_HOURS.entries()) {
      const drift =
        index === 0 ? { x: 0, y: 0 } : { x: 3 * fieldRandom.normal(), y: 3 * fieldRandom.normal() }
      const scene = drawScene(size, plate, cellsOverTime[index] ?? [], grain, drift)
      const exposure = fieldRandom.uniform(0.95, 1.05)
      const defocus = fieldRandom.uniform(0.8, 1.3)
      yield {
        name: `field_${field}_${String(hour).padStart(2, '0')}h`,
        field,
        hour,
        role: heldOut ? 'held out' : LABELLED_HOURS.includes(hour) ? 'labelled' : 'unlabelled',
        picture: camera.expose(scene.light, exposure, defocus, fieldRandom),
        truth: scene.truth,
      }
    }
  }
}

/** Where cells land: on the agar, mostly apart; now and then two so close that their colonies will touch. */
function placeFounders(plate: Plate, size: number, random: RandomGenerator): { x: number; y: number }[] {
  const founders: { x: number; y: number }[] = []
  const wanted = Math.ceil((8 + random.nextInteger(3)) * (size / SAMPLE_SIZE) ** 2)
  while (founders.length < wanted) {
    const neighbour = founders.length > 0 && random.next() < 0.25 ? founders.at(-1) : undefined
    const angle = random.uniform(0, 2 * Math.PI)
    const x = neighbour ? neighbour.x + 50 * Math.cos(angle) : random.uniform(0, size)
    const y = neighbour ? neighbour.y + 50 * Math.sin(angle) : random.uniform(0, size)
    if (distanceFromEdge(plate.edge, x, y) > 40) founders.push({ x, y })
  }
  return founders
}
