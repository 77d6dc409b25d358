import type { Shape } from './shape.ts'

/** Corners are rounded to this part of a pixel. */
const SCALE = 5

/** How many points the outline of a polygon is drawn with: the work that filling it takes. */
export function outlinePoints(corners: Shape): number {
  const points = scaled(corners)
  return points.reduce((sum, [x, y], index) => {
    const [nextX, nextY] = points[(index + 1) % points.length] as (typeof points)[number]
    return sum + Math.max(Math.abs(nextX - x), Math.abs(nextY - y)) + 1
  }, 0)
}

/**
 * The pixels of a polygon as COCO's own tools count them, so that masks are theirs to the pixel: `rleFrPoly` of cocoapi's
 * maskApi.c, which draws the outline at five times the size and takes the points where it crosses the middle of a column.
 * @returns lengths of runs down the columns, outside and inside in turn, outside first
 */
export function polygonRuns(corners: Shape, width: number, height: number): number[] {
  const places: number[] = []
  let [lastU, lastV] = [NaN, NaN]
  drawOutline(corners, (u, v) => {
    if (!Number.isNaN(lastU) && u !== lastU) {
      const column = ((u < lastU ? u : u - 1) + 0.5) / SCALE - 0.5
      if (Number.isInteger(column) && column >= 0 && column <= width - 1) {
        const y = ((v < lastV ? v : lastV) + 0.5) / SCALE - 0.5
        places.push(column * height + Math.ceil(Math.min(height, Math.max(0, y))))
      }
    }
    ;[lastU, lastV] = [u, v]
  })
  places.push(width * height)
  places.sort((one, other) => one - other)
  return places.map((place, index) => place - (index === 0 ? 0 : (places[index - 1] as number)))
}

function scaled(corners: Shape): [number, number][] {
  return corners.map(([x, y]) => [Math.trunc(SCALE * x + 0.5), Math.trunc(SCALE * y + 0.5)])
}

/** Each edge from corner to corner, stepping along its longer direction, always upwards in that direction. */
function drawOutline(corners: Shape, point: (u: number, v: number) => void): void {
  const points = scaled(corners)
  for (const [index, start] of points.entries()) {
    const end = points[(index + 1) % points.length] as [number, number]
    const [width, height] = [Math.abs(end[0] - start[0]), Math.abs(end[1] - start[1])]
    const isWide = width >= height
    const isBackwards = isWide ? start[0] > end[0] : start[1] > end[1]
    const [[x, y], [endX, endY]] = isBackwards ? [end, start] : [start, end]
    const steps = isWide ? width : height
    const slope = isWide ? (endY - y) / width : (endX - x) / height
    for (let step = 0; step <= steps; step++) {
      const at = isBackwards ? steps - step : step
      if (isWide) point(x + at, Math.trunc(y + slope * at + 0.5))
      else point(Math.trunc(x + slope * at + 0.5), y + at)
    }
  }
}
