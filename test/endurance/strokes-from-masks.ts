import { openImage } from '../../src/main/imaging/open-image.ts'
import type { Point } from './hands.ts'

/** What a person paints on one image: lines, which a brush follows. */
export interface Strokes {
  width: number
  height: number
  objects: Point[][]
  background: Point[][]
}

/**
 * Strokes inside objects and background that a mask of numbered objects knows (0: background): for each object a line along
 * its middle, and level lines through what is far from all objects.
 * @param file the mask
 * @param radius of the brush, in pixels: it stays inside what it paints
 * @param most objects, the largest first; and as many lines of background
 */
export async function strokesFromMask(
  file: string,
  { radius, most }: { radius: number; most: number },
): Promise<Strokes> {
  const source = await openImage(file)
  const { width, height } = source.info
  const { samples } = await source.read({ x: 0, y: 0, width, height })
  await source.close()
  const distance = distancesToOthers(samples, width, height)
  const inside = new Map<number, Point[]>()
  for (let at = 0; at < samples.length; at++) {
    if ((distance[at] as number) <= radius + 1) continue
    const object = samples[at] as number
    const points = inside.get(object) ?? []
    points.push({ x: at % width, y: Math.floor(at / width) })
    inside.set(object, points)
  }
  const background = levelLines(inside.get(0) ?? [], { shortest: 60, most })
  inside.delete(0)
  const largest = [...inside.values()].sort((one, other) => other.length - one.length).slice(0, most)
  return { width, height, objects: largest.map(alongMiddle), background }
}

/** City-block distances of pixels to the next pixel of another value; the image's edge is none. */
function distancesToOthers(values: ArrayLike<number>, width: number, height: number): Float32Array {
  const distance = new Float32Array(width * height).fill(width + height)
  const relax = (at: number, neighbour: number): void => {
    const to = values[neighbour] === values[at] ? (distance[neighbour] as number) + 1 : 1
    if (to < (distance[at] as number)) distance[at] = to
  }
  for (let at = 0; at < distance.length; at++) {
    if (at % width > 0) relax(at, at - 1)
    if (at >= width) relax(at, at - width)
  }
  for (let at = distance.length - 1; at >= 0; at--) {
    if (at % width < width - 1) relax(at, at + 1)
    if (at < width * (height - 1)) relax(at, at + width)
  }
  return distance
}

/** From one end of the points to the other. */
function alongMiddle(points: readonly Point[]): Point[] {
  const [first] = points as [Point]
  const farthestFrom = (from: Point): Point =>
    points.reduce((best, point) =>
      Math.hypot(point.x - from.x, point.y - from.y) > Math.hypot(best.x - from.x, best.y - from.y)
        ? point
        : best,
    )
  const start = farthestFrom(first)
  return [start, farthestFrom(start)]
}

/** The longest line of neighbouring points of each row, where it is of a length at least; of these, some, evenly spread. */
function levelLines(
  points: readonly Point[],
  { shortest, most }: { shortest: number; most: number },
): Point[][] {
  const lines: Point[][] = []
  for (const row of Map.groupBy(points, ({ y }) => y).values()) {
    let longest: Point[] = []
    let line: Point[] = []
    for (const point of row) {
      line = line.at(-1)?.x === point.x - 1 ? [...line, point] : [point]
      if (line.length > longest.length) longest = line
    }
    if (longest.length >= shortest) lines.push([longest[0] as Point, longest.at(-1) as Point])
  }
  const count = Math.min(most, lines.length)
  return Array.from(
    { length: count },
    (_, index) => lines[Math.floor((index * lines.length) / count)] as Point[],
  )
}
