import type { Raster } from '../images/image-source.ts'
import { ObjectMeasurer, type ObjectMeasurement } from './measurements.ts'
import { ObjectRows, type Splitting } from './object-rows.ts'
import { SplitLines } from './split-lines.ts'

/** Rows that are read at a time. */
const ROWS_AT_ONCE = 256

/** A label map and its image, which are read by bands of rows, `y` the first. */
export interface MeasuredPlane {
  width: number
  height: number
  /** `[rows, width]` */
  readLabels: (y: number, rows: number) => Promise<Uint8Array>
  readImage: (y: number, rows: number) => Promise<Raster>
}

export interface PlaneObjects {
  objects: ObjectMeasurement[]
  /** As `SplitLines.sides`. */
  splitLines: number[]
  /** Objects that are too large to be split, and were not. */
  tooLarge: number
}

/**
 * Finds and measures the objects of a plane, from the top down.
 * @throws what reading throws
 */
export async function measurePlane(plane: MeasuredPlane, splitting?: Splitting): Promise<PlaneObjects> {
  const { width, height } = plane
  const objects = new ObjectRows(width, splitting)
  const measurer = new ObjectMeasurer(width, objects)
  const lines = new SplitLines()
  for (let y = 0; y < height; y += ROWS_AT_ONCE) {
    const count = Math.min(ROWS_AT_ONCE, height - y)
    const values = await plane.readLabels(y, count)
    const rows = Array.from({ length: count }, (_, row) =>
      objects.addRow(values.subarray(row * width, (row + 1) * width)),
    ).flat()
    if (y + count === height) rows.push(...objects.finish())
    lines.addRows(rows)
    for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
      const band = rows.slice(from, from + ROWS_AT_ONCE)
      measurer.addRows(band, await plane.readImage(band[0]?.y ?? 0, band.length))
    }
  }
  return { objects: measurer.finish(), splitLines: lines.sides, tooLarge: objects.tooLarge }
}
