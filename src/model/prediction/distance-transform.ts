/** The pixels of one object in a rectangle around it. */
export interface ObjectPixels {
  width: number
  height: number
  /** `[height, width]`: 1 on the object, 0 elsewhere. */
  pixels: Uint8Array
  /** Sides at which the picture ends: beyond them nobody knows where the object ends. */
  cut: { left: boolean; top: boolean; right: boolean; bottom: boolean }
}

/**
 * The squared Euclidean distance, in pixels, of each pixel of an object from the nearest pixel that is not part of it, as
 * scipy's `distance_transform_edt` squared; exact. Beyond the rectangle nothing is part of the object, except where the picture
 * ends: no distance is counted from there.
 * Source: A. Meijster, J. Roerdink, W. Hesselink, "A general algorithm for computing distance transforms in linear
 * time" (2000).
 * @returns `[height, width]`; where there is nothing else than the object, larger than any distance in the rectangle
 */
export function squaredDistances({ width, height, pixels, cut }: ObjectPixels): Int32Array {
  const far = width + height + 2
  const inColumn = columnDistances({ width, height, pixels, cut }, far)
  const result = new Int32Array(width * height)
  // One more column at each side stands for what lies beyond.
  const first = cut.left ? 0 : -1
  const end = cut.right ? width : width + 1
  const count = end - first
  const columns = new Int32Array(count)
  const starts = new Int32Array(count)
  for (let y = 0; y < height; y++) {
    const row = y * width
    const square = (x: number): number => (x < 0 || x >= width ? 0 : (inColumn[row + x] as number) ** 2)
    // The lower envelope of the parabolas that stand on the columns: `columns` has the lowest from `starts` on.
    let last = 0
    columns[0] = first
    starts[0] = first
    for (let x = first + 1; x < end; x++) {
      const own = square(x)
      while (last >= 0) {
        const [column, start] = [columns[last] as number, starts[last] as number]
        if ((start - column) ** 2 + square(column) <= (start - x) ** 2 + own) break
        last--
      }
      if (last < 0) {
        last = 0
        columns[0] = x
        starts[0] = first
        continue
      }
      const column = columns[last] as number
      const start = 1 + Math.floor((x * x - column * column + own - square(column)) / (2 * (x - column)))
      if (start >= end) continue
      last++
      columns[last] = x
      starts[last] = start
    }
    for (let x = end - 1; x >= first; x--) {
      const column = columns[last] as number
      if (x >= 0 && x < width) result[row + x] = Math.min((x - column) ** 2 + square(column), far * far)
      if (x === starts[last]) last--
    }
  }
  return result
}

/** Of each pixel from the nearest one in its column that is not part of the object; `far` where there is none. */
function columnDistances({ width, height, pixels, cut }: ObjectPixels, far: number): Int32Array {
  const distances = new Int32Array(width * height)
  for (let x = 0; x < width; x++) {
    let distance = cut.top ? far : 0
    for (let at = x; at < distances.length; at += width) {
      distance = pixels[at] === 0 ? 0 : Math.min(far, distance + 1)
      distances[at] = distance
    }
    distance = cut.bottom ? far : 0
    for (let at = (height - 1) * width + x; at >= 0; at -= width) {
      distance = Math.min(distances[at] as number, distance + 1)
      distances[at] = distance
    }
  }
  return distances
}
