import { outlinePoints, polygonRuns } from './coco-polygon.ts'
import { damagedLabels, misfittingLabels } from './label-file-errors.ts'
import { MemoryLabelSource } from './memory-label-source.ts'
import type { Shape } from './shape.ts'

/** The image that labels belong to: files of shapes do not say how large it is. */
export interface LabelledImage {
  /** Absolute. */
  path: string
  width: number
  height: number
  pages: number
  /** Of each time: page `t * zPlanes + z`. */
  zPlanes: number
}

/**
 * What the pixels of a shape become.
 * @param className as the file names it; empty where it names none
 * @param number of the object that the shape is part of, from 1
 */
export type ShapeValue = (className: string, number: number) => number

/** Shapes may lie over one another a little; a file that fills the image more often than this is no annotation. */
const MOST_LAYERS = 64
const MOST_SHAPES = 2_000_000
/** Shapes that were drawn by hand reach over the border by this much. */
const TOLERANCE = 2

/**
 * The page of a plane and a time, from 0. Some programs number the pages of every stack by the one or by the other: what
 * lies outside the image is taken for such a number.
 */
export function pageAt(z: number, t: number, { pages, zPlanes }: LabelledImage): number {
  const page = t * zPlanes + z
  return z < zPlanes && page < pages ? page : Math.max(z, t)
}

/** A plane for each page of an image, on which shapes are filled. */
export class LabelCanvas {
  readonly #file: string
  readonly #image: LabelledImage
  readonly #pages: Uint32Array[]
  #shapes = 0
  #filled = 0

  /** @param file that the shapes come from */
  constructor(file: string, image: LabelledImage) {
    this.#file = file
    this.#image = image
    const { width, height, pages } = image
    this.#pages = Array.from({ length: pages }, () => new Uint32Array(width * height))
  }

  /**
   * Fills the pixels whose centres lie inside, by the even-odd rule, so that rings within rings are holes. What was there
   * before is replaced.
   * @throws SegscopeError `label-size-differs` where a shape leaves the image; `labels-damaged`
   */
  fill(rings: readonly Shape[], value: number, page: number): void {
    const { width, height } = this.#image
    const { plane, top, bottom } = this.#place(rings, page)
    this.#count(1, 0)
    const edges = edgesOf(rings)
    for (let row = Math.max(0, Math.floor(top)); row < Math.min(height, Math.ceil(bottom)); row++) {
      const centre = row + 0.5
      const crossings = []
      for (const [x1, y1, x2, y2] of edges) {
        if (y1 < centre !== y2 < centre) crossings.push(x1 + ((centre - y1) * (x2 - x1)) / (y2 - y1))
      }
      crossings.sort((one, other) => one - other)
      this.#count(0, edges.length / 64)
      for (let index = 0; index + 1 < crossings.length; index += 2) {
        // Centres from the first crossing on, up to the second.
        const from = Math.max(0, Math.ceil((crossings[index] as number) - 0.5))
        const to = Math.min(width, Math.ceil((crossings[index + 1] as number) - 0.5))
        if (to <= from) continue
        plane.fill(value, row * width + from, row * width + to)
        this.#count(0, to - from)
      }
    }
  }

  /**
   * Fills a polygon by the rule of COCO's tools (`polygonRuns`).
   * @throws SegscopeError as `fill`
   */
  fillAsCoco(corners: Shape, value: number, page: number): void {
    const { width, height } = this.#image
    const { plane } = this.#place([corners], page)
    this.#count(1, outlinePoints(corners))
    let at = 0
    for (const [index, count] of polygonRuns(corners, width, height).entries()) {
      for (let pixel = at; index % 2 === 1 && pixel < at + count; pixel++)
        plane[(pixel % height) * width + Math.floor(pixel / height)] = value
      this.#count(0, index % 2 === 1 ? count : 1)
      at += count
    }
  }

  /** Where shapes go, once their corners are known to lie on the image. */
  #place(rings: readonly Shape[], page: number): { plane: Uint32Array; top: number; bottom: number } {
    const { width, height, pages } = this.#image
    const plane = this.#pages[page]
    if (plane === undefined)
      throw misfittingLabels(this.#file, `it has labels on page ${page + 1} of ${pages}`)
    let [top, bottom] = [height, 0]
    for (const [x, y] of rings.flat()) {
      if (!Number.isFinite(x) || !Number.isFinite(y))
        throw damagedLabels(this.#file, 'a coordinate is no number')
      if (Math.min(x, y) < -TOLERANCE || x > width + TOLERANCE || y > height + TOLERANCE) {
        throw misfittingLabels(
          this.#file,
          `a shape reaches to (${Math.round(x)}, ${Math.round(y)}), the image has ${width} x ${height} pixels`,
        )
      }
      top = Math.min(top, y)
      bottom = Math.max(bottom, y)
    }
    return { plane, top, bottom }
  }

  /** Sets single pixels, `y * width + x`, from one up to another. */
  fillRun(from: number, to: number, value: number, page: number): void {
    this.#pages[page]?.fill(value, from, to)
    this.#count(0, to - from)
  }

  /** @param format for people */
  finish(format: string): MemoryLabelSource {
    const { width, height } = this.#image
    return new MemoryLabelSource(this.#file, format, width, height, this.#pages)
  }

  #count(shapes: number, pixels: number): void {
    this.#shapes += shapes
    this.#filled += pixels
    const { width, height, pages } = this.#image
    if (this.#shapes > MOST_SHAPES || this.#filled > MOST_LAYERS * width * height * pages + 1e8) {
      throw damagedLabels(this.#file, 'it holds more shapes than an image of this size can have')
    }
  }
}

function edgesOf(rings: readonly Shape[]): [number, number, number, number][] {
  return rings.flatMap((ring) =>
    ring.map(([x, y], index): [number, number, number, number] => {
      const [nextX, nextY] = ring[(index + 1) % ring.length] as Shape[number]
      return [x, y, nextX, nextY]
    }),
  )
}
