import type { RandomGenerator } from '../../model/random.ts'

/** One yeast cell on the plate; lengths in pixels. */
export interface Cell {
  x: number
  y: number
  radius: number
  /** Which founder it descends from, counted from 0. */
  colony: number
  /** Long axis over short axis, and the direction of the long one in radians. */
  elongation: number
  angle: number
  /** Strength of the bright centre; cells at slightly different heights focus the light differently. */
  brightness: number
}

interface GrowingCell extends Cell {
  fullRadius: number
  doublingMinutes: number
  nextBudMinutes: number
}

/** 2.9 µm at 0.5 µm a pixel: a haploid yeast cell. */
const CELL_RADIUS = 5.8
const STEP_MINUTES = 10
/** Neighbours may lie this much closer than their radii: cells deform, and old colonies pile up. */
const PACKING = 0.9
const RELAXATIONS_A_STEP = 5

/**
 * Grows colonies from single cells and small clumps by budding: each mother pushes out daughters, overlapping
 * cells push each other apart. One founder in eight never divides.
 *
 * @param founders where each colony starts
 * @param hours times of the pictures, ascending
 * @returns the cells at each of these times
 */
export function growColonies(
  founders: readonly { x: number; y: number }[],
  hours: readonly number[],
  random: RandomGenerator,
): Cell[][] {
  const cells: GrowingCell[] = []
  founders.forEach(({ x, y }, colony) => {
    const divides = random.next() > 1 / 8
    const doublingMinutes = divides ? random.uniform(95, 120) : Infinity
    const clump = 1 + random.nextInteger(3)
    for (let member = 0; member < clump; member++) {
      cells.push(
        newCell(x + 3 * random.normal(), y + 3 * random.normal(), colony, doublingMinutes, 0, random),
      )
    }
  })
  for (let round = 0; round < 4 * RELAXATIONS_A_STEP; round++) pushApart(cells)

  let minutes = 0
  return hours.map((hour) => {
    for (; minutes < hour * 60; minutes += STEP_MINUTES) {
      bud(cells, minutes, random)
      for (let round = 0; round < RELAXATIONS_A_STEP; round++) pushApart(cells)
    }
    return cells.map(({ x, y, radius, colony, elongation, angle, brightness }) => ({
      x,
      y,
      radius,
      colony,
      elongation,
      angle,
      brightness,
    }))
  })
}

function newCell(
  x: number,
  y: number,
  colony: number,
  doublingMinutes: number,
  born: number,
  random: RandomGenerator,
): GrowingCell {
  const fullRadius = CELL_RADIUS * Math.exp(0.1 * random.normal())
  return {
    x,
    y,
    radius: fullRadius,
    fullRadius,
    colony,
    elongation: random.uniform(1, 1.35),
    angle: random.uniform(0, Math.PI),
    brightness: random.uniform(0.2, 1.2),
    doublingMinutes,
    nextBudMinutes: born + doublingMinutes * random.uniform(0.3, 1.3),
  }
}

function bud(cells: GrowingCell[], minutes: number, random: RandomGenerator): void {
  for (const cell of cells) {
    cell.radius += (cell.fullRadius - cell.radius) * 0.18
  }
  for (const mother of [...cells]) {
    if (minutes < mother.nextBudMinutes) continue
    mother.nextBudMinutes = minutes + mother.doublingMinutes * random.uniform(0.85, 1.15)
    const direction = random.uniform(0, 2 * Math.PI)
    const daughter = newCell(
      mother.x + Math.cos(direction) * mother.radius,
      mother.y + Math.sin(direction) * mother.radius,
      mother.colony,
      mother.doublingMinutes,
      minutes,
      random,
    )
    // a daughter is small at birth and buds for the first time only once grown
    daughter.radius = daughter.fullRadius * 0.5
    daughter.nextBudMinutes += daughter.doublingMinutes * 0.35
    cells.push(daughter)
  }
}

function pushApart(cells: GrowingCell[]): void {
  cells.sort((first, second) => first.x - second.x)
  const reach = 2.6 * CELL_RADIUS
  for (let index = 0; index < cells.length; index++) {
    const first = cells[index] as GrowingCell
    for (let other = index + 1; other < cells.length; other++) {
      const second = cells[other] as GrowingCell
      const dx = second.x - first.x
      if (dx > reach) break
      const dy = second.y - first.y
      const distance = Math.hypot(dx, dy) + 1e-6
      const overlap = PACKING * (first.radius + second.radius) - distance
      if (overlap <= 0) continue
      const push = (0.45 * overlap) / distance
      first.x -= dx * push
      first.y -= dy * push
      second.x += dx * push
      second.y += dy * push
    }
  }
}
