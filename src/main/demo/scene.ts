import type { LabelMap } from '../../model/images/label-map.ts'
import type { Cell } from './growth.ts'
import { distanceFromEdge, type Debris, type Plate } from './plate.ts'

export const SAMPLE_CLASSES = ['background', 'colony', 'debris or plate edge'] as const
const BACKGROUND = 0
const COLONY = 1
const OTHER = 2

/** Gaps between the cells of a colony up to twice this many pixels belong to the colony. */
const GAP = 3

/** Light that passes, `[height, width]`, 1 where there is bare agar; and what is where. */
export interface Scene {
  light: Float32Array
  truth: LabelMap
}

/**
 * Draws the plate and its cells: each cell a small lens with a bright centre, a dark rim and a faint halo, as in
 * bright-field time-lapses a little out of focus.
 *
 * @param grain texture of the plate, `[height, width]`, mean 0 and standard deviation 1
 * @param drift of the stage since the first picture, in pixels
 */
export function drawScene(
  size: number,
  plate: Plate,
  cells: readonly Cell[],
  grain: Float32Array,
  drift: { x: number; y: number },
): Scene {
  const light = new Float32Array(size * size)
  const values = new Uint8Array(size * size)
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const at = y * size + x
      const inside = distanceFromEdge(plate.edge, x - drift.x, y - drift.y)
      light[at] = lightNearEdge(inside) + (inside > 0 ? 0.007 : 0.03) * (grain[at] as number)
      values[at] = inside < 2 ? OTHER : BACKGROUND
    }
  }
  for (const debris of plate.debris) drawDebris(debris, size, drift, grain, light, values)
  drawCells(cells, size, drift, light)
  const colonies = colonyMask(cells, size, drift)
  for (let at = 0; at < values.length; at++) {
    if (colonies[at] === 1) values[at] = COLONY
  }
  return { light, truth: { width: size, height: size, values } }
}

/** The pad's rim refracts: a bright line, a dark one beside it, then the darker floor of the well. */
function lightNearEdge(inside: number): number {
  if (inside > 40) return 1
  const floor = 0.7 - 0.12 * (1 - Math.exp(inside / 60))
  const step = 1 / (1 + Math.exp(-inside / 1.5))
  return (
    floor +
    (1 - floor) * step +
    0.3 * Math.exp(-((inside / 2.2) ** 2)) -
    0.14 * Math.exp(-(((inside + 6) / 3) ** 2))
  )
}

function drawDebris(
  debris: Debris,
  size: number,
  drift: { x: number; y: number },
  grain: Float32Array,
  light: Float32Array,
  values: Uint8Array,
): void {
  const add = (x: number, y: number, outside: number) => {
    // fades over a pixel and a half at its outline, with a thin fringe of the opposite sign around it
    const body = 1 / (1 + Math.exp(outside / 0.8))
    const fringe = Math.exp(-(((outside - 2.5) / 1.2) ** 2))
    const at = y * size + x
    const change = debris.contrast * (body - 0.3 * fringe) + 0.08 * body * (grain[at] as number)
    light[at] = Math.max(0.15, (light[at] as number) + change)
    if (outside < 0.8) values[at] = OTHER
  }
  if (debris.kind === 'speck') {
    const centreX = debris.x + drift.x
    const centreY = debris.y + drift.y
    forEachPixelNear(centreX, centreY, debris.radius * 2 + 6, size, (x, y, dx, dy) => {
      const angle = Math.atan2(dy, dx)
      let radius = debris.radius
      debris.lobes.forEach(({ amplitude, phase }, index) => {
        radius += debris.radius * amplitude * Math.cos((index + 2) * angle + phase)
      })
      add(x, y, Math.hypot(dx, dy) - Math.max(3, radius))
    })
    return
  }
  const distances = new Map<number, number>()
  for (let index = 1; index < debris.points.length; index++) {
    const from = debris.points[index - 1] as { x: number; y: number }
    const to = debris.points[index] as { x: number; y: number }
    const middleX = (from.x + to.x) / 2 + drift.x
    const middleY = (from.y + to.y) / 2 + drift.y
    const halfX = (to.x - from.x) / 2
    const halfY = (to.y - from.y) / 2
    forEachPixelNear(middleX, middleY, 11, size, (x, y, dx, dy) => {
      const along = Math.max(-1, Math.min(1, (dx * halfX + dy * halfY) / (halfX ** 2 + halfY ** 2)))
      const distance = Math.hypot(dx - along * halfX, dy - along * halfY)
      const at = y * size + x
      distances.set(at, Math.min(distance, distances.get(at) ?? Infinity))
    })
  }
  for (const [at, distance] of distances) {
    add(at % size, Math.floor(at / size), distance - debris.width / 2)
  }
}

function drawCells(
  cells: readonly Cell[],
  size: number,
  drift: { x: number; y: number },
  light: Float32Array,
): void {
  for (const cell of cells) {
    const cosine = Math.cos(cell.angle)
    const sine = Math.sin(cell.angle)
    const stretch = Math.sqrt(cell.elongation)
    // the lamp is never quite on the axis: every cell's bright centre is off to the same side
    const lampX = 0.16 * cell.radius
    const lampY = -0.1 * cell.radius
    forEachPixelNear(cell.x + drift.x, cell.y + drift.y, cell.radius * 2.4, size, (x, y, dx, dy) => {
      const long = (dx * cosine + dy * sine) / stretch
      const short = (dy * cosine - dx * sine) * stretch
      const radial = Math.hypot(long, short) / cell.radius
      const fromFocus = Math.hypot(dx - lampX, dy - lampY) / cell.radius
      const centre = 0.75 * cell.brightness * Math.exp(-((fromFocus / 0.42) ** 2))
      const rim = 0.5 * Math.exp(-(((radial - 0.9) / 0.22) ** 2))
      const halo = 0.09 * Math.exp(-(((radial - 1.5) / 0.28) ** 2))
      const at = y * size + x
      light[at] = Math.max(0.3, (light[at] as number) + centre - rim + halo)
    })
  }
}

/** Closing (dilation, then erosion, by a disc of GAP pixels) of the union of all cells. */
function colonyMask(cells: readonly Cell[], size: number, drift: { x: number; y: number }): Uint8Array {
  const dilated = new Uint8Array(size * size)
  for (const cell of cells) {
    const reach = cell.radius * 1.08 + GAP
    forEachPixelNear(cell.x + drift.x, cell.y + drift.y, reach, size, (x, y, dx, dy) => {
      if (dx * dx + dy * dy <= reach * reach) dilated[y * size + x] = 1
    })
  }
  const mask = dilated.slice()
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const at = y * size + x
      if (dilated[at] === 1) continue
      // the outside pixel nearest to any inside one has an inside pixel at one of its sides
      const atBorder =
        (x > 0 && dilated[at - 1] === 1) ||
        (x < size - 1 && dilated[at + 1] === 1) ||
        dilated[at - size] === 1 ||
        dilated[at + size] === 1
      if (!atBorder) continue
      forEachPixelNear(x, y, GAP, size, (nearX, nearY, dx, dy) => {
        if (dx * dx + dy * dy <= GAP * GAP) mask[nearY * size + nearX] = 0
      })
    }
  }
  return mask
}

function forEachPixelNear(
  centreX: number,
  centreY: number,
  reach: number,
  size: number,
  visit: (x: number, y: number, dx: number, dy: number) => void,
): void {
  const lastY = Math.min(size - 1, Math.floor(centreY + reach))
  const lastX = Math.min(size - 1, Math.floor(centreX + reach))
  for (let y = Math.max(0, Math.ceil(centreY - reach)); y <= lastY; y++) {
    for (let x = Math.max(0, Math.ceil(centreX - reach)); x <= lastX; x++) {
      visit(x, y, x - centreX, y - centreY)
    }
  }
}
