/** Some rows of a prediction, over the image's full width. Bands come from top to bottom, without gaps. */
export interface Band {
  /** The first row. */
  y: number
  height: number
  /** The most probable class of each pixel: `[height, width]`. */
  labels: Uint8Array
  /**
   * One `[height, width]` plane a class; undefined where nobody asked for them. To be used before the band after
   * the next one is asked for: the memory is used again.
   */
  probabilities: Float32Array[] | undefined
}

/** Pixels compared at once: what is largest so far then stays in the processor's cache. */
const blockPixels = 2 ** 15

/** The class of the largest value at each pixel; the first one where several are equal. */
export function mostProbable(planes: readonly Float32Array[]): Uint8Array {
  const pixels = planes[0]?.length ?? 0
  const labels = new Uint8Array(pixels)
  const largest = new Float32Array(Math.min(pixels, blockPixels))
  for (let start = 0; start < pixels; start += blockPixels) {
    const end = Math.min(start + blockPixels, pixels)
    planes.forEach((plane, index) => {
      for (let pixel = start; pixel < end; pixel++) {
        const value = plane[pixel] as number
        if (index === 0 || value > (largest[pixel - start] as number)) {
          largest[pixel - start] = value
          labels[pixel] = index
        }
      }
    })
  }
  return labels
}
