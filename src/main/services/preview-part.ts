import type { Band } from '../../model/prediction/band.ts'

/** Larger images are shown in part: 2 bytes a pixel go from process to process, and are kept until the next preview. */
const largestSide = 4096

/** A rectangle of an image's first page, predicted. */
export interface PreviewRegion {
  x: number
  y: number
  width: number
  height: number
  /** `[height, width]`: the most probable of the network's classes. */
  classes: Uint8Array<ArrayBuffer>
  /** `[height, width]`: 1 less that class's probability, in 255ths. */
  uncertainty: Uint8Array<ArrayBuffer>
}

/** Keeps of a prediction what a preview shows: all of the image, or the middle of a large one. */
export class PreviewPart {
  readonly region: PreviewRegion
  readonly #imageWidth: number

  /** @param image its size in pixels */
  constructor(image: { width: number; height: number }) {
    const width = Math.min(image.width, largestSide)
    const height = Math.min(image.height, largestSide)
    this.#imageWidth = image.width
    this.region = {
      x: Math.floor((image.width - width) / 2),
      y: Math.floor((image.height - height) / 2),
      width,
      height,
      classes: new Uint8Array(width * height),
      uncertainty: new Uint8Array(width * height),
    }
  }

  /** @param band one with probabilities */
  add({ y: top, height: rows, labels, probabilities = [] }: Band): void {
    const { x, y, width, height, classes, uncertainty } = this.region
    const last = Math.min(top + rows, y + height)
    for (let row = Math.max(top, y); row < last; row++) {
      const from = (row - top) * this.#imageWidth + x
      const to = (row - y) * width
      for (let column = 0; column < width; column++) {
        const label = labels[from + column] as number
        classes[to + column] = label
        uncertainty[to + column] = Math.round(255 * (1 - (probabilities[label]?.[from + column] ?? 1)))
      }
    }
  }
}
