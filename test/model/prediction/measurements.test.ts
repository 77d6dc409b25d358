import { expect, test } from 'vitest'
import { measurementsHeading, measurementsRows } from '../../../src/model/prediction/measurements-csv.ts'
import { measureObjects } from '../../../src/model/prediction/measurements.ts'
import { shapes, shapesImage } from './shapes.ts'

/**
 * What scikit-image 0.26's regionprops says of the same shapes (label with connectivity=2): class, area,
 * centroid x and y, bounding box, perimeter, equivalent_diameter_area, eccentricity; mean, minimum, maximum and
 * standard deviation of the first channel; mean above 1e9 and standard deviation of the second.
 */
// prettier-ignore
const fromScikitImage = [
  [1, 12, 2.25, 2.25, 0, 0, 6, 7, 11.863961, 3.90882, 0.97977, 2257.75, 0, 3823, 1299.704397, 1.75, 1.361678],
  [2, 9, 29.888889, 1.222222, 28, 0, 4, 3, 8.828427, 3.385138, 0.786953, 3008.333333, 2, 3827, 1115.362622, 1.777778, 1.314684],
  [1, 22, 11, 3, 8, 1, 7, 5, 22, 5.292567, 0.714286, 1881.363636, 3, 3832, 1259.356241, 2, 1.3484],
  [2, 25, 20, 4, 17, 1, 7, 7, 16.970563, 5.641896, 0, 1702.88, 10, 3837, 1286.575682, 2, 1.414214],
  [1, 36, 24.027778, 11.25, 11, 5, 20, 10, 34, 6.770275, 0.89657, 1770.194444, 31, 3854, 1032.282956, 1.944444, 1.373245],
  [1, 13, 4, 10.076923, 1, 8, 7, 4, 11, 4.068429, 0.890854, 1618.153846, 297, 3567, 924.850329, 2.230769, 1.367415],
  [1, 11, 14, 8.272727, 9, 8, 11, 2, 9.414214, 3.74241, 0.996119, 1731.454545, 18, 3841, 1255.011435, 1.454545, 1.233151],
  [2, 12, 26.333333, 10.5, 24, 9, 5, 4, 12.828427, 3.90882, 0.53619, 2117.666667, 21, 3848, 1372.725594, 1.916667, 1.552328],
  [2, 4, 11.5, 10.5, 11, 10, 2, 2, 4, 2.256758, 0, 3436.5, 3028, 3845, 304.32918, 2.5, 1.118034],
  [1, 1, 16, 11, 16, 11, 1, 1, 0, 1.128379, 0, 1936, 1936, 1936, 0, 3, 0],
  [1, 1, 26, 11, 26, 11, 1, 1, 0, 1.128379, 0, 3302, 3302, 3302, 0, 3, 0],
  [1, 15, 4.533333, 14.933333, 2, 13, 6, 5, 11.242641, 4.370194, 0.951667, 2107.466667, 30, 3853, 1187.408824, 2.066667, 1.436044],
  [2, 3, 0.333333, 16.666667, 0, 16, 2, 2, 3.414214, 1.95441, 0.816497, 3130.333333, 2767, 3584, 339.600092, 2, 1.632993],
  [2, 4, 27, 16.5, 26, 16, 3, 2, 4.414214, 2.256758, 0.924176, 1061, 36, 3861, 1620.390231, 1.25, 1.63936],
  [1, 5, 16, 17, 14, 17, 5, 1, 3, 2.523133, 1, 2768, 2222, 3314, 386.080303, 2, 1.414214],
  [1, 2, 28.5, 17, 28, 17, 2, 1, 0, 1.595769, 1, 3451.5, 3315, 3588, 136.5, 2.5, 0.5],
]

test('measures what scikit-image measures', () => {
  const measured = measureObjects(shapes, shapesImage).map((object) => [
    object.classValue,
    object.area,
    object.centroid.x,
    object.centroid.y,
    object.boundingBox.x,
    object.boundingBox.y,
    object.boundingBox.width,
    object.boundingBox.height,
    object.perimeter,
    object.equivalentDiameter,
    object.eccentricity,
    object.intensities[0]?.mean,
    object.intensities[0]?.minimum,
    object.intensities[0]?.maximum,
    object.intensities[0]?.standardDeviation,
    (object.intensities[1]?.mean ?? NaN) - 1e9,
    object.intensities[1]?.standardDeviation,
  ])
  expect(measured).toEqual(
    fromScikitImage.map((row) => row.map((value) => expect.closeTo(value, 5) as number)),
  )
})

test('circularity is 4 pi area / perimeter^2, and as in ImageJ no more than 1, however few pixels there are', () => {
  const circularity = measureObjects(shapes, shapesImage).map((object) => object.circularity)
  const expected = fromScikitImage.map((row) => {
    const [area, perimeter] = [row[1] as number, row[8] as number]
    return perimeter === 0 ? NaN : Math.min(1, (4 * Math.PI * area) / perimeter ** 2)
  })
  expect(circularity).toEqual(
    expected.map((value) => (Number.isNaN(value) ? NaN : (expect.closeTo(value, 5) as number))),
  )
  expect(circularity.filter((value) => value === 1).length).toBeGreaterThan(1)
})

test('an object is at the border where it touches any of the four sides', () => {
  const border = measureObjects(shapes, shapesImage).map((object) => object.touchesBorder)
  const expected = fromScikitImage.map(([, , , , x, y, width, height]) => {
    const [right, bottom] = [(x ?? 0) + (width ?? 0), (y ?? 0) + (height ?? 0)]
    return x === 0 || y === 0 || right === shapes.width || bottom === shapes.height
  })
  expect(border).toEqual(expected)
})

test('the table is RFC 4180, in pixels and micrometres, and no name in it becomes a formula', () => {
  const image = {
    channels: 1,
    width: 4,
    height: 3,
    samples: Uint16Array.from({ length: 12 }, (_, at) => 100 * at),
  }
  const labels = { width: 4, height: 3, values: Uint8Array.of(0, 0, 0, 0, 0, 1, 1, 0, 0, 1, 1, 0) }
  const objects = measureObjects(labels, image)
  const names = ['background', '+colony']
  const table =
    measurementsHeading(1) +
    measurementsRows(
      { name: '=cmd|"x", y.tif', page: 1, pixelSize: { x: 0.5, y: 0.5, unit: 'µm' }, objects },
      names,
    ) +
    measurementsRows({ name: 'plate 1.tif', page: 0, pixelSize: undefined, objects }, names)
  expect(table.split('\r\n')).toEqual([
    'image,page,object,class,class_name,area_px,area_um2,centroid_x_px,centroid_y_px,box_x_px,box_y_px,box_width_px,' +
      'box_height_px,perimeter_px,perimeter_um,equivalent_diameter_px,equivalent_diameter_um,circularity,' +
      'eccentricity,touches_border,mean_intensity,minimum_intensity,maximum_intensity,standard_deviation_intensity',
    `"'=cmd|""x"", y.tif",2,1,1,'+colony,4,1,1.5,1.5,1,1,2,2,4,2,2.256758,1.128379,1,0,yes,750,500,1000,206.1553`,
    `plate 1.tif,1,1,1,'+colony,4,,1.5,1.5,1,1,2,2,4,,2.256758,,1,0,yes,750,500,1000,206.1553`,
    '',
  ])
})
