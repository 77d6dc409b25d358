import type { Point } from '../../viewer/camera.ts'
import type { FillSpan } from './span.ts'

/** A place of a round brush. */
export interface BrushPoint extends Point {
  /** In image pixels. */
  radius: number
}

/** Pieces of a stroke whose width changes have the same width within this many pixels. */
const LARGEST_STEP = 0.5

/**
 * The pixels under a round brush that goes straight from one place to another: those whose centres it covers, and the
 * ones that hold the two places, so that the smallest brush paints one pixel and leaves no gap.
 */
export function fillBrushSegment(from: BrushPoint, to: BrushPoint, fill: FillSpan): void {
  const pieces = Math.max(1, Math.ceil(Math.abs(to.radius - from.radius) / LARGEST_STEP))
  for (let piece = 0; piece < pieces; piece++) {
    const [start, end] = [between(from, to, piece / pieces), between(from, to, (piece + 1) / pieces)]
    fillCapsule(start, end, Math.max(start.radius, end.radius), fill)
  }
  for (const { x, y } of [from, to]) fill(Math.floor(y), Math.floor(x), Math.floor(x) + 1)
}

function between(from: BrushPoint, to: BrushPoint, share: number): BrushPoint {
  return {
    x: from.x + (to.x - from.x) * share,
    y: from.y + (to.y - from.y) * share,
    radius: from.radius + (to.radius - from.radius) * share,
  }
}

/** All pixels whose centres are within the radius of the line: convex, hence one span a row. */
function fillCapsule(from: Point, to: Point, radius: number, fill: FillSpan): void {
  const firstRow = Math.ceil(Math.min(from.y, to.y) - radius - 0.5)
  const lastRow = Math.floor(Math.max(from.y, to.y) + radius - 0.5)
  for (let row = firstRow; row <= lastRow; row++) {
    const parts = [
      disc(from, radius, row + 0.5),
      disc(to, radius, row + 0.5),
      band(from, to, radius, row + 0.5),
    ]
    let [left, right] = [Infinity, -Infinity]
    for (const part of parts) {
      if (part === undefined) continue
      left = Math.min(left, part[0])
      right = Math.max(right, part[1])
    }
    const [first, end] = [Math.ceil(left - 0.5), Math.floor(right - 0.5) + 1]
    if (end > first) fill(row, first, end)
  }
}

/** Where the line at height y crosses the disc. */
function disc({ x, y: middle }: Point, radius: number, y: number): [left: number, right: number] | undefined {
  const squared = radius * radius - (y - middle) ** 2
  if (squared < 0) return undefined
  return [x - Math.sqrt(squared), x + Math.sqrt(squared)]
}

/** Where the line at height y crosses the rectangle with the segment as its middle line. */
function band(from: Point, to: Point, radius: number, y: number): [left: number, right: number] | undefined {
  const length = Math.hypot(to.x - from.x, to.y - from.y)
  if (length === 0) return undefined
  const [ux, uy] = [(to.x - from.x) / length, (to.y - from.y) / length]
  const below = y - from.y
  const along = interval(-below * uy, length - below * uy, ux)
  const across = interval(below * ux - radius, below * ux + radius, uy)
  const [left, right] = [Math.max(along[0], across[0]), Math.min(along[1], across[1])]
  return left > right ? undefined : [from.x + left, from.x + right]
}

/** Those t for which `slope * t` is between the two. */
function interval(low: number, high: number, slope: number): [number, number] {
  if (slope === 0) return low <= 0 && high >= 0 ? [-Infinity, Infinity] : [Infinity, -Infinity]
  return slope > 0 ? [low / slope, high / slope] : [high / slope, low / slope]
}
