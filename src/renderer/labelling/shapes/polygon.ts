import type { Point } from '../../viewer/camera.ts'
import type { FillSpan } from './span.ts'

/**
 * The pixels whose centres lie within a polygon, which closes itself. Where it crosses itself, what is enclosed twice
 * is outside (even-odd rule).
 */
export function fillPolygon(corners: readonly Point[], fill: FillSpan): void {
  for (const [row, crossings] of crossingsByRow(corners)) {
    crossings.sort((one, other) => one - other)
    for (let at = 0; at + 1 < crossings.length; at += 2) {
      const first = Math.ceil((crossings[at] as number) - 0.5)
      const end = Math.ceil((crossings[at + 1] as number) - 0.5)
      if (end > first) fill(row, first, end)
    }
  }
}

/** Where the edges cross the middle of each row. An edge owns its upper end, and not its lower one. */
function crossingsByRow(corners: readonly Point[]): Map<number, number[]> {
  const rows = new Map<number, number[]>()
  corners.forEach((corner, index) => {
    const next = corners[(index + 1) % corners.length] as Point
    const [upper, lower] = corner.y < next.y ? [corner, next] : [next, corner]
    const end = Math.ceil(lower.y - 0.5)
    for (let row = Math.ceil(upper.y - 0.5); row < end; row++) {
      const x = upper.x + ((row + 0.5 - upper.y) * (lower.x - upper.x)) / (lower.y - upper.y)
      const crossings = rows.get(row)
      if (crossings === undefined) rows.set(row, [x])
      else crossings.push(x)
    }
  })
  return rows
}
