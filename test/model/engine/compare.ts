/** The largest difference of two lists of numbers; NaN where either holds one. */
export function largestDifference(computed: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (computed.length !== expected.length) {
    throw new Error(`${computed.length} numbers were computed, ${expected.length} expected.`)
  }
  let largest = 0
  for (let index = 0; index < expected.length; index++) {
    const difference = Math.abs((computed[index] as number) - (expected[index] as number))
    // Math.max and > would lose NaN.
    if (!(difference <= largest)) largest = difference
  }
  return largest
}

/** The largest difference as a share of the largest expected value; the difference itself where all are expected to be 0. */
export function relativeDifference(computed: ArrayLike<number>, expected: ArrayLike<number>): number {
  const difference = largestDifference(computed, expected)
  const scale = largestDifference(expected, new Float64Array(expected.length))
  return scale === 0 ? difference : difference / scale
}
