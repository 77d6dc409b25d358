import sharp from 'sharp'
import type { ImageSource } from '../../model/images/image-source.ts'
import { THUMBNAIL_SIZE } from '../../preload/contract/addresses.ts'

/** The image stays visible through its classes; their outlines are solid. */
const FILL_OPACITY = 0.35
const ROWS_AT_ONCE = 256
const WEBP_QUALITY = 85

/**
 * The classes of the first page of a label map as a small picture to lie over the image's thumbnail, WebP: each in its colour,
 * transparent, with a solid outline; background is clear. Objects smaller than a pixel of the picture still tint it.
 * @param colours by class, `#rrggbb`, of which the first is the background; classes without one are clear
 * @throws SegscopeError where the file cannot be read
 */
export async function encodeClasses(
  labels: ImageSource,
  colours: readonly string[],
): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height } = labels.info
  const picture = new ClassPicture(width, height, colours.length)
  for (let y = 0; y < height; y += ROWS_AT_ONCE) {
    const rows = Math.min(ROWS_AT_ONCE, height - y)
    const values = (await labels.read({ x: 0, y, width, height: rows })).samples as Uint8Array
    for (let row = 0; row < rows; row++) picture.addRow(values.subarray(row * width, (row + 1) * width))
  }
  const webp = await sharp(picture.paint(colours.map(channelsOf)), {
    raw: { width: picture.width, height: picture.height, channels: 4 },
  })
    .webp({ quality: WEBP_QUALITY })
    .toBuffer()
  // Sharp's own memory is not ours to give away.
  return new Uint8Array(webp)
}

/** Counts, for each of its pixels, what the pixels of the label map that it stands for show. */
class ClassPicture {
  readonly width: number
  readonly height: number
  readonly #mapHeight: number
  readonly #classes: number
  readonly #columnOf: Uint32Array
  /** `[height, width]`: pixels of the label map. */
  readonly #pixels: Uint32Array
  /** `[height, width, classes]`: those of each class. */
  readonly #covered: Uint32Array
  /** `[height, width]`: sides of drawn pixels at which another class begins. */
  readonly #sides: Uint32Array
  #above: Uint8Array | undefined
  #row = 0

  constructor(mapWidth: number, mapHeight: number, classes: number) {
    const scale = Math.min(1, THUMBNAIL_SIZE / Math.max(mapWidth, mapHeight))
    this.width = Math.max(1, Math.round(mapWidth * scale))
    this.height = Math.max(1, Math.round(mapHeight * scale))
    this.#mapHeight = mapHeight
    this.#classes = classes
    this.#columnOf = Uint32Array.from({ length: mapWidth }, (_, x) => Math.floor((x * this.width) / mapWidth))
    this.#pixels = new Uint32Array(this.width * this.height)
    this.#covered = new Uint32Array(this.width * this.height * classes)
    this.#sides = new Uint32Array(this.width * this.height)
  }

  addRow(values: Uint8Array): void {
    const start = this.#startOf(this.#row)
    const startAbove = this.#startOf(Math.max(0, this.#row - 1))
    const above = this.#above ?? values
    const [classes, columnOf, pixels, covered] = [this.#classes, this.#columnOf, this.#pixels, this.#covered]
    for (let x = 0; x < values.length; x++) {
      const value = values[x] as number
      const column = columnOf[x] as number
      const cell = start + column
      pixels[cell] = (pixels[cell] as number) + 1
      const left = x === 0 ? value : (values[x - 1] as number)
      const up = above[x] as number
      if (left !== value) {
        this.#addSide(value, cell)
        this.#addSide(left, start + (columnOf[x - 1] as number))
      }
      if (up !== value) {
        this.#addSide(value, cell)
        this.#addSide(up, startAbove + column)
      }
      if (value === 0 || value >= classes) continue
      covered[cell * classes + value] = (covered[cell * classes + value] as number) + 1
    }
    this.#above = values
    this.#row++
  }

  /** @param colours by class, `[red, green, blue]` @returns `[height, width, 4]` */
  paint(colours: readonly (readonly number[])[]): Uint8Array {
    const rgba = new Uint8Array(this.width * this.height * 4)
    for (let cell = 0; cell < this.#pixels.length; cell++) {
      const pixels = this.#pixels[cell] as number
      const counts = this.#covered.subarray(cell * this.#classes, (cell + 1) * this.#classes)
      const covered = counts.reduce((sum, count) => sum + count, 0)
      if (covered === 0) continue
      // A line that crosses this pixel has as many sides as the pixel is long.
      const outline = Math.min(1, (this.#sides[cell] as number) / Math.sqrt(pixels))
      const fill = (FILL_OPACITY * covered) / pixels
      for (let channel = 0; channel < 3; channel++) {
        const sum = counts.reduce(
          (total, count, value) => total + count * (colours[value]?.[channel] as number),
          0,
        )
        rgba[4 * cell + channel] = Math.round(sum / covered)
      }
      rgba[4 * cell + 3] = Math.round(255 * (1 - (1 - outline) * (1 - fill)))
    }
    return rgba
  }

  #addSide(value: number, cell: number): void {
    if (value > 0 && value < this.#classes) this.#sides[cell] = (this.#sides[cell] as number) + 1
  }

  #startOf(row: number): number {
    return Math.floor((row * this.height) / this.#mapHeight) * this.width
  }
}

function channelsOf(colour: string): number[] {
  return [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16))
}
