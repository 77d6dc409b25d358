import type { RandomGenerator } from '../../random.ts'

/** Distance of the control points, in pixels: the displacement is smooth below it. */
const spacing = 32

/**
 * Standard deviation of a sum of independent unit normals weighted with a uniform cubic B-spline, averaged over
 * the plane: the integral of the spline's square, 151/315, once for each direction under the root.
 */
const splineDeviation = 151 / 315

/**
 * A smooth random displacement: normal values on a coarse grid, interpolated with cubic B-splines.
 * @param side of the patch, in pixels
 * @param deviation standard deviation of the displacement, in pixels
 * @returns `[side, side]`
 */
export function elasticDisplacement(side: number, deviation: number, random: RandomGenerator): Float32Array {
  const points = Math.ceil(side / spacing) + 3
  const weights = splineWeights(side)
  /** Interpolated along x, one row for each row of control points. */
  const rows = new Float32Array(points * side)
  const controls = new Float32Array(points)
  for (let row = 0; row < points; row++) {
    for (let point = 0; point < points; point++) {
      controls[point] = (random.normal() * deviation) / splineDeviation
    }
    for (let x = 0; x < side; x++) {
      const first = Math.floor(x / spacing)
      let sum = 0
      for (let tap = 0; tap < 4; tap++) {
        sum += (weights[4 * x + tap] as number) * (controls[first + tap] as number)
      }
      rows[row * side + x] = sum
    }
  }
  const displacement = new Float32Array(side * side)
  for (let y = 0; y < side; y++) {
    const first = Math.floor(y / spacing) * side
    for (let tap = 0; tap < 4; tap++) {
      const weight = weights[4 * y + tap] as number
      const from = first + tap * side
      for (let x = 0; x < side; x++) {
        displacement[y * side + x] =
          (displacement[y * side + x] as number) + weight * (rows[from + x] as number)
      }
    }
  }
  return displacement
}

/** Weights of the four control points around each pixel: `[side, 4]`, uniform cubic B-spline. */
function splineWeights(side: number): Float32Array {
  const weights = new Float32Array(side * 4)
  for (let pixel = 0; pixel < side; pixel++) {
    const t = (pixel % spacing) / spacing
    weights[4 * pixel] = (1 - t) ** 3 / 6
    weights[4 * pixel + 1] = (3 * t ** 3 - 6 * t ** 2 + 4) / 6
    weights[4 * pixel + 2] = (-3 * t ** 3 + 3 * t ** 2 + 3 * t + 1) / 6
    weights[4 * pixel + 3] = t ** 3 / 6
  }
  return weights
}
