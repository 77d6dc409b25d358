/** Corners of pixels, `[x, y]`, clockwise on the screen around an area and the other way around a hole; the first is not repeated. */
export type Ring = [x: number, y: number][]

/** One area with its holes. */
export interface Outline {
  outer: Ring
  holes: Ring[]
}

/** Right, down, left, up: along the top, right, bottom and left side of a pixel, which lies to the right. */
const steps = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
] as const

/**
 * The exact outlines of a mask's pixels: along their edges, corner by corner, so that filling them gives the mask
 * again. Pixels that touch by a corner only are areas of their own, and no ring touches itself: what OGC's Simple
 * Features (and so GeoJSON, QuPath, shapely) call valid.
 * @param mask `[height, width]`, 1 inside
 * @param left of the mask in the image; the corners are the image's. `top` too
 */
export function traceOutlines(mask: Uint8Array, width: number, height: number, left = 0, top = 0): Outline[] {
  const edges = findEdges(mask, width, height)
  const outlines: Outline[] = []
  const holes: Ring[] = []
  for (let start = 0; start < edges.length; start++) {
    while (edges[start] !== 0) {
      for (const ring of simpleRings(walk(edges, width + 1, start))) {
        if (signedArea(ring) > 0) outlines.push({ outer: ring, holes: [] })
        else holes.push(ring)
      }
    }
  }
  for (const hole of holes) ownerOf(hole, outlines).holes.push(hole)
  for (const { outer, holes: inner } of outlines) {
    for (const ring of [outer, ...inner]) {
      for (const corner of ring) {
        corner[0] += left
        corner[1] += top
      }
    }
  }
  return outlines
}

/** For each corner of the pixel grid, which edges begin there: bit 1 << direction. */
function findEdges(mask: Uint8Array, width: number, height: number): Uint8Array {
  const edges = new Uint8Array((width + 1) * (height + 1))
  const add = (x: number, y: number, direction: number): void => {
    const corner = y * (width + 1) + x
    edges[corner] = (edges[corner] as number) | (1 << direction)
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x
      if (mask[at] !== 1) continue
      if (y === 0 || mask[at - width] !== 1) add(x, y, 0)
      if (x === width - 1 || mask[at + 1] !== 1) add(x + 1, y, 1)
      if (y === height - 1 || mask[at + width] !== 1) add(x + 1, y + 1, 2)
      if (x === 0 || mask[at - 1] !== 1) add(x, y + 1, 3)
    }
  }
  return edges
}

/** Follows the edges from a corner until they come back to it, and takes them away. Where two go on, it keeps to its own pixel. */
function walk(edges: Uint8Array, stride: number, start: number): Ring {
  const ring: Ring = []
  let corner = start
  let direction = -1
  for (;;) {
    const open = edges[corner] as number
    const next =
      direction === -1
        ? Math.log2(open & -open)
        : ([1, 0, 3] as const).map((turn) => (direction + turn) % 4).find((way) => (open & (1 << way)) !== 0)
    if (next === undefined) return ring
    if (next !== direction) ring.push([corner % stride, Math.floor(corner / stride)])
    edges[corner] = open & ~(1 << next)
    direction = next
    const [x, y] = steps[next] as readonly [number, number]
    corner += y * stride + x
    if (corner === start && continuation(edges[corner] as number, direction) === undefined) {
      return closed(ring, direction)
    }
  }
}

function continuation(open: number, direction: number): number | undefined {
  return [1, 0, 3].map((turn) => (direction + turn) % 4).find((way) => (open & (1 << way)) !== 0)
}

/** Without the first corner where the ring goes straight on through it. */
function closed(ring: Ring, lastDirection: number): Ring {
  const [first, second] = ring as [Ring[number], Ring[number]]
  const firstDirection = steps.findIndex(
    ([x, y]) => x === Math.sign(second[0] - first[0]) && y === Math.sign(second[1] - first[1]),
  )
  return firstDirection === lastDirection ? ring.slice(1) : ring
}

/** Cuts a ring into rings that visit no corner twice. */
function simpleRings(ring: Ring): Ring[] {
  const rings: Ring[] = []
  const path: Ring = []
  const places = new Map<string, number>()
  for (const corner of ring) {
    const key = corner.join(' ')
    const before = places.get(key)
    if (before !== undefined) {
      const loop = path.splice(before)
      for (const each of loop) places.delete(each.join(' '))
      rings.push(loop)
    }
    places.set(key, path.length)
    path.push(corner)
  }
  rings.push(path)
  return rings
}

/** Positive where the ring runs clockwise on the screen (y down). */
function signedArea(ring: Ring): number {
  let sum = 0
  ring.forEach(([x, y], index) => {
    const [nextX, nextY] = ring[(index + 1) % ring.length] as Ring[number]
    sum += x * nextY - nextX * y
  })
  return sum / 2
}

/** The smallest area that holds a hole. */
function ownerOf(hole: Ring, outlines: readonly Outline[]): Outline {
  const [first, second] = hole as [Ring[number], Ring[number]]
  // A point half a pixel to the right of the hole's first edge lies in the area's pixels.
  const [dx, dy] = [Math.sign(second[0] - first[0]), Math.sign(second[1] - first[1])]
  const point: Ring[number] = [first[0] + (dx - dy) / 2, first[1] + (dy + dx) / 2]
  return outlines
    .filter(({ outer }) => contains(outer, point))
    .reduce((one, other) => (signedArea(other.outer) < signedArea(one.outer) ? other : one))
}

/** By the even-odd rule, along a ray to the left; rings have vertical and horizontal edges only. */
function contains(ring: Ring, [x, y]: Ring[number]): boolean {
  let inside = false
  ring.forEach(([x1, y1], index) => {
    const [, y2] = ring[(index + 1) % ring.length] as Ring[number]
    if (y1 !== y2 && x1 < x && Math.min(y1, y2) < y && y < Math.max(y1, y2)) inside = !inside
  })
  return inside
}
