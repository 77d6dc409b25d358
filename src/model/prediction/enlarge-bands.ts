import { mostProbable, type Band } from './band.ts'

/** Enlarged pixels handed out at once, so that enlarging does not multiply the memory of a band. */
const pixelsPerBand = 2_000_000

/** Where between two neighbouring pixels of the small image one of the large image lies. */
interface Place {
  lower: number
  upper: number
  /** Share of the upper one. */
  share: number
}

/**
 * Brings bands of a shrunken image back to the size of the file: probabilities are interpolated between the
 * centres of the shrunken pixels, and the classes follow from them, so that outlines come out smooth.
 * @param bands with probabilities
 */
export async function* enlargeBands(
  bands: AsyncIterable<Band>,
  image: { width: number; height: number; shrinkFactor: number },
  keepProbabilities: boolean,
): AsyncGenerator<Band, void, undefined> {
  const { width, height, shrinkFactor } = image
  const smallWidth = Math.ceil(width / shrinkFactor)
  const smallHeight = Math.ceil(height / shrinkFactor)
  const columns = Array.from({ length: width }, (_, x) => placeOf(x, shrinkFactor, smallWidth))
  const rowsPerBand = Math.max(1, Math.floor(pixelsPerBand / width))
  /** The last row of the band before, one array a class: what lies between two bands needs both. */
  let above: Float32Array[] = []
  let y = 0
  for await (const band of bands) {
    const planes = band.probabilities as Float32Array[]
    const bottom = band.y + band.height
    const rowOf = (plane: number, row: number): Float32Array =>
      row < band.y
        ? (above[plane] as Float32Array)
        : (planes[plane] as Float32Array).subarray(
            (row - band.y) * smallWidth,
            (row - band.y + 1) * smallWidth,
          )
    const complete = (row: number): boolean =>
      row < height && placeOf(row, shrinkFactor, smallHeight).upper < bottom
    while (complete(y)) {
      let end = y + 1
      while (end - y < rowsPerBand && complete(end)) end++
      const probabilities = planes.map((_, plane) => {
        const enlarged = new Float32Array((end - y) * width)
        for (let row = y; row < end; row++) {
          const place = placeOf(row, shrinkFactor, smallHeight)
          const target = enlarged.subarray((row - y) * width, (row - y + 1) * width)
          interpolateRow(rowOf(plane, place.lower), rowOf(plane, place.upper), place.share, columns, target)
        }
        return enlarged
      })
      const labels = mostProbable(probabilities)
      yield { y, height: end - y, labels, probabilities: keepProbabilities ? probabilities : undefined }
      y = end
    }
    above = planes.map((_, plane) => Float32Array.from(rowOf(plane, bottom - 1)))
  }
}

function placeOf(position: number, factor: number, extent: number): Place {
  const small = Math.min(Math.max((position + 0.5) / factor - 0.5, 0), extent - 1)
  const lower = Math.floor(small)
  return { lower, upper: Math.min(lower + 1, extent - 1), share: small - lower }
}

function interpolateRow(
  lower: Float32Array,
  upper: Float32Array,
  upperShare: number,
  columns: readonly Place[],
  target: Float32Array,
): void {
  const lowerShare = 1 - upperShare
  columns.forEach(({ lower: left, upper: right, share }, x) => {
    const atLeft = lowerShare * (lower[left] as number) + upperShare * (upper[left] as number)
    const atRight = lowerShare * (lower[right] as number) + upperShare * (upper[right] as number)
    target[x] = atLeft + share * (atRight - atLeft)
  })
}
