/** What is added up over an object's pixels; two parts of an object merge. */
export interface ObjectSums {
  classValue: number
  area: number
  /** The first pixel in reading order. */
  first: { x: number; y: number }
  left: number
  top: number
  right: number
  bottom: number
  x: number
  y: number
  xx: number
  yy: number
  xy: number
  perimeter: number
  /** By channel. */
  intensities: IntensitySums[]
}

/** Welford's running mean and sum of squared deviations: no cancellation where values are large and alike. */
export interface IntensitySums {
  count: number
  mean: number
  squares: number
  minimum: number
  maximum: number
}

export function emptySums(classValue: number, channels: number): ObjectSums {
  return {
    classValue,
    area: 0,
    first: { x: Infinity, y: Infinity },
    left: Infinity,
    top: Infinity,
    right: -Infinity,
    bottom: -Infinity,
    x: 0,
    y: 0,
    xx: 0,
    yy: 0,
    xy: 0,
    perimeter: 0,
    intensities: Array.from({ length: channels }, () => ({
      count: 0,
      mean: 0,
      squares: 0,
      minimum: Infinity,
      maximum: -Infinity,
    })),
  }
}

export function addPosition(sums: ObjectSums, x: number, y: number): void {
  if (sums.area === 0) sums.first = { x, y }
  sums.area++
  sums.left = Math.min(sums.left, x)
  sums.right = Math.max(sums.right, x)
  sums.top = Math.min(sums.top, y)
  sums.bottom = Math.max(sums.bottom, y)
  sums.x += x
  sums.y += y
  sums.xx += x * x
  sums.yy += y * y
  sums.xy += x * y
}

export function addSample(sums: IntensitySums, sample: number): void {
  sums.count++
  const difference = sample - sums.mean
  sums.mean += difference / sums.count
  sums.squares += difference * (sample - sums.mean)
  sums.minimum = Math.min(sums.minimum, sample)
  sums.maximum = Math.max(sums.maximum, sample)
}

/** In reading order of their first pixels. */
export function comesBefore({ first: one }: ObjectSums, { first: other }: ObjectSums): boolean {
  return one.y < other.y || (one.y === other.y && one.x < other.x)
}

export function mergeSums(into: ObjectSums, other: ObjectSums): void {
  if (comesBefore(other, into)) into.first = other.first
  into.area += other.area
  into.left = Math.min(into.left, other.left)
  into.right = Math.max(into.right, other.right)
  into.top = Math.min(into.top, other.top)
  into.bottom = Math.max(into.bottom, other.bottom)
  into.x += other.x
  into.y += other.y
  into.xx += other.xx
  into.yy += other.yy
  into.xy += other.xy
  into.perimeter += other.perimeter
  into.intensities.forEach((sums, channel) => {
    const added = other.intensities[channel] as IntensitySums
    const count = sums.count + added.count
    const difference = added.mean - sums.mean
    // Chan, Golub and LeVeque's pairwise combination
    sums.squares += added.squares + (difference ** 2 * sums.count * added.count) / count
    sums.mean += (difference * added.count) / count
    sums.count = count
    sums.minimum = Math.min(sums.minimum, added.minimum)
    sums.maximum = Math.max(sums.maximum, added.maximum)
  })
}
