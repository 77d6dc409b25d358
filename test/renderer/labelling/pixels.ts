import type { FillSpan } from '../../../src/renderer/labelling/shapes/span.ts'

/** What a shape fills of an area, as '#' and '.', a text a row. */
export function pixelsOf(width: number, height: number, shape: (fill: FillSpan) => void): string[] {
  const rows = Array.from({ length: height }, () => Array.from({ length: width }, () => '.'))
  shape((row, first, end) => {
    for (let x = Math.max(0, first); x < Math.min(width, end); x++) {
      const pixels = rows[row]
      if (pixels !== undefined) pixels[x] = '#'
    }
  })
  return rows.map((row) => row.join(''))
}

/** The same, by asking of every pixel's centre. */
export function pixelsWhere(
  width: number,
  height: number,
  isInside: (x: number, y: number) => boolean,
): string[] {
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => (isInside(x + 0.5, y + 0.5) ? '#' : '.')).join(''),
  )
}
