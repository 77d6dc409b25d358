import type { Point } from '../../viewer/camera.ts'
import type { FillSpan } from './span.ts'

/** The pixels of an upright rectangle, those under its two corners included. */
export function fillRectangle(one: Point, other: Point, fill: FillSpan): void {
  const first = Math.floor(Math.min(one.x, other.x))
  const end = Math.floor(Math.max(one.x, other.x)) + 1
  const lastRow = Math.floor(Math.max(one.y, other.y))
  for (let row = Math.floor(Math.min(one.y, other.y)); row <= lastRow; row++) fill(row, first, end)
}
