import type { LabelMap } from '../images/label-map.ts'
import type { Raster, Region } from '../images/image-source.ts'
import { type ObjectRow, ObjectRows, type Splitting } from './object-rows.ts'
import {
  addPosition,
  addSample,
  comesBefore,
  emptySums,
  mergeSums,
  type IntensitySums,
  type ObjectSums,
} from './object-sums.ts'
import { PerimeterCounter } from './perimeter.ts'

/** One object of a segmented image, in pixels and in the image's own intensities. Definitions as in scikit-image. */
export interface ObjectMeasurement {
  classValue: number
  /** The first pixel in reading order: no two objects have the same. */
  first: { x: number; y: number }
  /** The rectangle around the connected component that it was split from; undefined where it is whole. */
  splitFrom: Region | undefined
  /** Pixels. */
  area: number
  /** Mean position of the pixels; the centre of the top left pixel is (0, 0). */
  centroid: { x: number; y: number }
  boundingBox: Region
  /** As `PerimeterCounter` says; 0 for objects too small to have one. */
  perimeter: number
  /** Diameter of the disc of the same area. */
  equivalentDiameter: number
  /**
   * 4 pi area / perimeter^2: 1 for a disc, less for lobed or long shapes; NaN without a perimeter. No more than 1, as in
   * ImageJ: the perimeter of a few pixels is measured too short.
   */
  circularity: number
  /** Of the ellipse with the same second moments: 0 for a disc, towards 1 for a line. */
  eccentricity: number
  /** A part of it may lie outside the picture. */
  touchesBorder: boolean
  /** By channel, of the raw samples. */
  intensities: IntensityMeasurement[]
}

export interface IntensityMeasurement {
  mean: number
  minimum: number
  maximum: number
  /** Of the object's pixels themselves (divided by their number). */
  standardDeviation: number
}

/**
 * Measures objects while their rows arrive, so that images larger than memory can be measured. Memory grows with the
 * number of objects only.
 */
export class ObjectMeasurer {
  private readonly width: number
  private readonly objects: ObjectRows
  private readonly perimeters: PerimeterCounter
  /** By number. */
  private readonly sums: (ObjectSums | undefined)[] = []
  private rows = 0

  /** @param objects whose rows are going to be added */
  constructor(width: number, objects: ObjectRows) {
    this.width = width
    this.objects = objects
    this.perimeters = new PerimeterCounter(width, (number, length) => {
      ;(this.sums[number] as ObjectSums).perimeter += length
    })
  }

  /**
   * Takes the next rows from the top down.
   * @param image the same rows of the image, `[channels, rows, width]`
   * @throws RangeError where the two differ in size
   */
  addRows(rows: readonly ObjectRow[], image: Raster): void {
    const { width } = this
    if (image.width !== width || image.height !== rows.length) {
      throw new RangeError(
        `${rows.length} rows of ${width} do not match ${image.width} x ${image.height} pixels.`,
      )
    }
    rows.forEach((objectRow, row) => {
      const { values, numbers } = objectRow
      for (let x = 0; x < width; x++) {
        const number = numbers[x] as number
        if (number === 0) continue
        const sums = (this.sums[number] ??= emptySums(values[x] as number, image.channels))
        addPosition(sums, x, this.rows)
        for (let channel = 0; channel < image.channels; channel++) {
          addSample(
            sums.intensities[channel] as IntensitySums,
            image.samples[(channel * image.height + row) * width + x] as number,
          )
        }
      }
      this.perimeters.addRow(objectRow)
      this.rows++
    })
  }

  /** The objects, in reading order of their first pixels. Nothing may be added afterwards. */
  finish(): ObjectMeasurement[] {
    this.perimeters.finish()
    this.sums.forEach((sums, number) => {
      const root = this.objects.rootOf(number)
      if (sums === undefined || root === number) return
      mergeSums(this.sums[root] as ObjectSums, sums)
      this.sums[number] = undefined
    })
    return this.sums
      .flatMap((sums, number) =>
        sums === undefined ? [] : { sums, splitFrom: this.objects.wholeOf(number) },
      )
      .sort(({ sums: one }, { sums: other }) => (comesBefore(one, other) ? -1 : 1))
      .map(({ sums, splitFrom }) => ({ ...describe(sums, this.width, this.rows), splitFrom }))
  }
}

/** Measures the objects of a label map and its image that are both in memory. */
export function measureObjects(labels: LabelMap, image: Raster, splitting?: Splitting): ObjectMeasurement[] {
  const { width, height, values } = labels
  const objects = new ObjectRows(width, splitting)
  const measurer = new ObjectMeasurer(width, objects)
  const rows: ObjectRow[] = []
  for (let y = 0; y < height; y++) rows.push(...objects.addRow(values.subarray(y * width, (y + 1) * width)))
  measurer.addRows([...rows, ...objects.finish()], image)
  return measurer.finish()
}

function describe(sums: ObjectSums, width: number, height: number): Omit<ObjectMeasurement, 'splitFrom'> {
  const { area, perimeter } = sums
  const centroid = { x: sums.x / area, y: sums.y / area }
  return {
    classValue: sums.classValue,
    first: sums.first,
    area,
    centroid,
    boundingBox: {
      x: sums.left,
      y: sums.top,
      width: sums.right - sums.left + 1,
      height: sums.bottom - sums.top + 1,
    },
    perimeter,
    equivalentDiameter: Math.sqrt((4 * area) / Math.PI),
    circularity: perimeter === 0 ? NaN : Math.min(1, (4 * Math.PI * area) / perimeter ** 2),
    eccentricity: eccentricity(
      sums.xx / area - centroid.x ** 2,
      sums.yy / area - centroid.y ** 2,
      sums.xy / area - centroid.x * centroid.y,
    ),
    touchesBorder:
      sums.left === 0 || sums.top === 0 || sums.right === width - 1 || sums.bottom === height - 1,
    intensities: sums.intensities.map(({ count, mean, squares, minimum, maximum }) => ({
      mean,
      minimum,
      maximum,
      standardDeviation: Math.sqrt(squares / count),
    })),
  }
}

/** Of the covariance's ellipse: sqrt(1 - smaller eigenvalue / larger one); 0 for a single pixel. */
function eccentricity(varianceX: number, varianceY: number, covariance: number): number {
  const middle = (varianceX + varianceY) / 2
  const spread = Math.hypot((varianceX - varianceY) / 2, covariance)
  const larger = middle + spread
  return larger <= 0 ? 0 : Math.sqrt(Math.max(0, 1 - Math.max(0, middle - spread) / larger))
}
