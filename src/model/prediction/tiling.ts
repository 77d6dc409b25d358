/** One tile along one axis, in pixels of the padded image. */
export interface AxisTile {
  start: number
  size: number
  /** The part of it that counts: from `from` up to, not including, `to`. */
  from: number
  to: number
  /** What each of its `size` pixels counts; over all tiles, the weights of a pixel sum to 1. */
  weights: Float32Array
}

/** How an image is cut: every row of tiles has the same columns. All tiles have one size. */
export interface Tiling {
  rows: AxisTile[]
  columns: AxisTile[]
}

export interface TilingLimits {
  /** An image whose area is no larger is one tile: nothing is computed twice. */
  wholePixels: number
  /** Largest area of a tile of larger ones, which sets the network's memory. */
  tilePixels: number
  /** Largest height of a tile, which sets the memory of the rows that are under way. */
  tileRows: number
  /** Pixels at a tile's inner borders that are computed and thrown away: there the network misses its context. */
  margin: number
  /** Pixels over which two neighbours' results fade into one another, in the middle of what they share. */
  blend: number
}

/**
 * Cuts an image into overlapping tiles, as few and as equal as the limits allow. Tiles begin at multiples of the
 * network's stride, so that its grid is the same in all of them and in the whole image, and at the image's borders
 * they have no margin, as the whole image has none.
 * @param width of the padded image, a multiple of `stride`; `height` too
 */
export function tileImage(width: number, height: number, stride: number, limits: TilingLimits): Tiling {
  const whole = (size: number): number => Math.max(stride, Math.floor(size / stride) * stride)
  const overlap = Math.ceil((2 * limits.margin + limits.blend) / stride) * stride
  // Smaller ones would be more than two thirds overlap, and everything be computed nine times over.
  const smallest = Math.ceil((1.5 * overlap) / stride) * stride
  let rows = height
  let columns = width
  if (width * height > limits.wholePixels || height > limits.tileRows) {
    const bound = (extent: number, size: number): number => Math.min(extent, Math.max(smallest, whole(size)))
    rows = bound(height, Math.min(limits.tileRows, Math.sqrt(limits.tilePixels)))
    columns = bound(width, limits.tilePixels / rows)
    // A narrow image leaves room for higher tiles.
    rows = bound(height, Math.min(limits.tileRows, limits.tilePixels / columns))
  }
  const cut = (extent: number, size: number): AxisTile[] =>
    cutAxis(extent, size, overlap, limits.blend, stride)
  return { rows: cut(height, rows), columns: cut(width, columns) }
}

/** Tiles of at most `size` pixels that share at least `overlap` with each neighbour. */
function cutAxis(extent: number, size: number, overlap: number, blend: number, stride: number): AxisTile[] {
  const count = extent <= size ? 1 : Math.ceil((extent - overlap) / (size - overlap))
  const even = Math.ceil((extent + (count - 1) * overlap) / count / stride) * stride
  const tileSize = Math.min(extent, even)
  const starts = Array.from({ length: count }, (_, index) =>
    count === 1 ? 0 : Math.round((index * (extent - tileSize)) / (count - 1) / stride) * stride,
  )
  return starts.map((start, index) => {
    const previous = starts[index - 1]
    const next = starts[index + 1]
    // Each seam is in the middle of what two neighbours share, as far as can be from the borders of both.
    const from = previous === undefined ? 0 : (start + previous + tileSize - blend) / 2
    const to = next === undefined ? extent : (next + start + tileSize + blend) / 2
    const weights = new Float32Array(tileSize)
    for (let position = from; position < to; position++) {
      const rise = previous === undefined ? 1 : Math.min(1, (position - from + 0.5) / blend)
      const fall = next === undefined ? 1 : Math.min(1, (to - position - 0.5) / blend)
      weights[position - start] = rise * fall
    }
    return { start, size: tileSize, from, to, weights }
  })
}
