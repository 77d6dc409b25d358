import { UNLABELLED, type LabelMap } from '../images/label-map.ts'

/** Larger maps are measured through windows of this side: enough for hundreds of objects, and quick. */
const windowSide = 1024
const windowsPerMap = 4
/** Smaller components are slips of the brush, not objects. */
const smallestArea = 4
/** Weights of Borgefors's 3-4 chamfer distance (1986): within 8 % of the Euclidean one, in two passes. */
const straightStep = 3
const diagonalStep = 4

/** One connected component (8 neighbours) of one class. */
export interface Component {
  value: number
  /** In pixels. */
  area: number
  /** Width of its widest place, in pixels: a line drawn with one pixel has 1. */
  thickness: number
  /** Touches the edge of what was looked at, so that the rest of it is unknown. */
  cut: boolean
}

/**
 * The components of every class in a label map; of a large map, in the four windows with most pixels of other
 * classes than its most frequent one.
 */
export function measureComponents(labels: LabelMap): Component[] {
  return chooseWindows(labels).flatMap(measureWindow)
}

/**
 * Size of a class's objects: square root of the area, and thickness, in pixels, of the component that the middle
 * pixel of the class lies in, were its components laid out by size (N50, as assemblers of genomes call it). A plain
 * median would be that of specks and of slips of the brush, which are many and small. Components that are cut
 * count only where the whole ones are fewer, as their size is a lower bound.
 * @returns undefined where the class has no component
 */
export function typicalSize(
  components: readonly Component[],
  value: number,
): { diameter: number; thickness: number } | undefined {
  const ofClass = components.filter((component) => component.value === value)
  const whole = ofClass.filter((component) => !component.cut)
  const counted = whole.length * 2 >= ofClass.length ? whole : ofClass
  if (counted.length === 0) return undefined
  return {
    diameter: ofMiddlePixel(counted, (component) => Math.sqrt(component.area)),
    thickness: ofMiddlePixel(counted, (component) => component.thickness),
  }
}

function ofMiddlePixel(components: readonly Component[], measure: (component: Component) => number): number {
  const half = components.reduce((sum, component) => sum + component.area, 0) / 2
  const sorted = [...components].sort((left, right) => measure(left) - measure(right))
  let pixels = 0
  const middle = sorted.find((component) => (pixels += component.area) >= half)
  return measure(middle as Component)
}

function chooseWindows(labels: LabelMap): LabelMap[] {
  const { width, height } = labels
  if (width <= 2 * windowSide && height <= 2 * windowSide) return [labels]
  const total = new Float64Array(256)
  const windows: { x: number; y: number; counts: Float64Array }[] = []
  for (let y = 0; y < height; y += windowSide) {
    for (let x = 0; x < width; x += windowSide) {
      const counts = countValues(labels, x, y)
      counts.forEach((count, value) => (total[value] = (total[value] as number) + count))
      windows.push({ x, y, counts })
    }
  }
  total[UNLABELLED] = 0
  const commonest = total.indexOf(Math.max(...total))
  const interest = (counts: Float64Array): number =>
    counts.reduce((sum, count, value) => (value === commonest || value === UNLABELLED ? sum : sum + count), 0)
  return windows
    .sort((left, right) => interest(right.counts) - interest(left.counts))
    .slice(0, windowsPerMap)
    .map(({ x, y }) => crop(labels, x, y))
}

/** The rows of the window at (x, y), smaller at the right and lower edge; views, not copies. */
function rowsOf(labels: LabelMap, x: number, y: number): Uint8Array[] {
  const right = Math.min(labels.width, x + windowSide)
  const bottom = Math.min(labels.height, y + windowSide)
  return Array.from({ length: bottom - y }, (_, row) =>
    labels.values.subarray((y + row) * labels.width + x, (y + row) * labels.width + right),
  )
}

function countValues(labels: LabelMap, x: number, y: number): Float64Array {
  const counts = new Float64Array(256)
  for (const row of rowsOf(labels, x, y))
    for (const value of row) counts[value] = (counts[value] as number) + 1
  return counts
}

function crop(labels: LabelMap, x: number, y: number): LabelMap {
  const rows = rowsOf(labels, x, y)
  const width = (rows[0] as Uint8Array).length
  const values = new Uint8Array(width * rows.length)
  rows.forEach((row, index) => values.set(row, index * width))
  return { width, height: rows.length, values }
}

function measureWindow(labels: LabelMap): Component[] {
  const { width, height, values } = labels
  const distances = distancesToOtherClass(labels)
  const visited = new Uint8Array(values.length)
  const queue = new Int32Array(values.length)
  const components: Component[] = []
  for (let start = 0; start < values.length; start++) {
    const value = values[start] as number
    if (visited[start] === 1 || value === UNLABELLED) continue
    visited[start] = 1
    queue[0] = start
    let end = 1
    let farthest = 0
    let cut = false
    for (let next = 0; next < end; next++) {
      const pixel = queue[next] as number
      const x = pixel % width
      const y = (pixel - x) / width
      farthest = Math.max(farthest, distances[pixel] as number)
      if (x === 0 || y === 0 || x === width - 1 || y === height - 1) cut = true
      for (let row = Math.max(0, y - 1); row <= Math.min(height - 1, y + 1); row++) {
        for (let column = Math.max(0, x - 1); column <= Math.min(width - 1, x + 1); column++) {
          const neighbour = row * width + column
          if (visited[neighbour] === 1 || values[neighbour] !== value) continue
          visited[neighbour] = 1
          queue[end++] = neighbour
        }
      }
    }
    if (end < smallestArea) continue
    // From the middle pixel to the next pixel outside on both sides, less that pixel itself.
    components.push({ value, area: end, thickness: (2 * farthest) / straightStep - 1, cut })
  }
  return components
}

/** Chamfer distance (3 a pixel) to the nearest pixel of another value; the edge of the map is no border. */
function distancesToOtherClass({ width, height, values }: LabelMap): Int32Array {
  const distances = new Int32Array(values.length).fill(straightStep * (width + height))
  const relax = (x: number, y: number, otherX: number, otherY: number, weight: number): void => {
    if (otherX < 0 || otherX >= width || otherY < 0 || otherY >= height) return
    const pixel = y * width + x
    const other = otherY * width + otherX
    const through = values[other] === values[pixel] ? (distances[other] as number) + weight : weight
    if (through < (distances[pixel] as number)) distances[pixel] = through
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      relax(x, y, x - 1, y, straightStep)
      relax(x, y, x - 1, y - 1, diagonalStep)
      relax(x, y, x, y - 1, straightStep)
      relax(x, y, x + 1, y - 1, diagonalStep)
    }
  }
  for (let y = height - 1; y >= 0; y--) {
    for (let x = width - 1; x >= 0; x--) {
      relax(x, y, x + 1, y, straightStep)
      relax(x, y, x + 1, y + 1, diagonalStep)
      relax(x, y, x, y + 1, straightStep)
      relax(x, y, x - 1, y + 1, diagonalStep)
    }
  }
  return distances
}
