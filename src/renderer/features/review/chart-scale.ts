/** Round values along an axis, about as many as asked for: 0, 50, 100 ... */
export function ticks(low: number, high: number, wanted: number): number[] {
  if (!(high > low)) return [low]
  const rough = (high - low) / wanted
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power
  const first = Math.ceil(low / step)
  const last = Math.floor(high / step + 1e-9)
  return Array.from({ length: Math.max(1, last - first + 1) }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  )
}

/** Counts of equal bins from the smallest value to the largest; values that are none are left out. */
export function histogram(
  values: readonly number[],
  bins: number,
): { low: number; high: number; counts: number[] } {
  const counts = new Array<number>(bins).fill(0)
  const low = values.reduce((least, value) => Math.min(least, value), Infinity)
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity)
  for (const value of values) {
    const bin = high > low ? Math.min(bins - 1, Math.floor(((value - low) / (high - low)) * bins)) : 0
    counts[bin] = (counts[bin] ?? 0) + 1
  }
  return { low, high, counts }
}
