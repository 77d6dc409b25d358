/**
 * Blurs a plane in place with a Gaussian, cut off at three standard deviations; the border pixels continue outside.
 * @param plane `[side, side]`
 * @param deviation in pixels
 */
export function blurPlane(plane: Float32Array, side: number, deviation: number): void {
  const radius = Math.ceil(3 * deviation)
  const kernel = gaussian(radius, deviation)
  const padded = new Float32Array(side + 2 * radius)
  const blurLine = (start: number, step: number): void => {
    for (let index = 0; index < padded.length; index++) {
      const from = Math.min(side - 1, Math.max(0, index - radius))
      padded[index] = plane[start + from * step] as number
    }
    for (let index = 0; index < side; index++) {
      let sum = 0
      for (let tap = 0; tap < kernel.length; tap++) {
        sum += (kernel[tap] as number) * (padded[index + tap] as number)
      }
      plane[start + index * step] = sum
    }
  }
  for (let row = 0; row < side; row++) blurLine(row * side, 1)
  for (let column = 0; column < side; column++) blurLine(column, side)
}

/** Sums to 1; `2 * radius + 1` weights. */
function gaussian(radius: number, deviation: number): Float64Array {
  const kernel = Float64Array.from({ length: 2 * radius + 1 }, (_, tap) =>
    Math.exp(-((tap - radius) ** 2) / (2 * deviation ** 2)),
  )
  const sum = kernel.reduce((total, weight) => total + weight, 0)
  return kernel.map((weight) => weight / sum)
}
