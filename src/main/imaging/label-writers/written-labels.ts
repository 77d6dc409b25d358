import type { ImageInfo, ImageSource, PixelSize } from '../../../model/images/image-source.ts'
import type { Splitting } from '../../../model/prediction/object-rows.ts'

export interface WrittenClass {
  value: number
  name: string
  /** `#rrggbb` */
  colour: string
}

/** What the writers of label files are given. */
export interface WrittenLabels {
  /** Classes, one channel of uint8, all pages; 255 where nobody labelled. */
  labels: ImageSource
  /** The image itself, where it is there: for formats that hold both. */
  image?: ImageSource | undefined
  /** The image's name, with its folders below the common one. */
  imageName: string
  pixelSize: PixelSize | undefined
  classes: readonly WrittenClass[]
  /** Which classes' touching objects are split, where objects are written; none where undefined. */
  splitting?: Splitting
}

/** Rows that are read at a time: the height of a tile of the tiled formats. */
export const rowsAtOnce = 256

/** `[red, green, blue]` of `#rrggbb`. */
export function colourChannels(colour: string): [number, number, number] {
  return [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16)) as [
    number,
    number,
    number,
  ]
}

/** Where a page lies, from 0, and how many there are of each: page `t * zPlanes + z`. */
export function placeOfPage({ pages, zPlanes = 1 }: Pick<ImageInfo, 'pages' | 'zPlanes'>, page: number) {
  return { z: page % zPlanes, t: Math.floor(page / zPlanes), zPlanes, times: pages / zPlanes }
}

/** Rows from the top down, `[rows, width]`. */
export async function* bandsOf(labels: ImageSource, page: number): AsyncGenerator<Uint8Array> {
  const { width, height } = labels.info
  for (let y = 0; y < height; y += rowsAtOnce) {
    const band = { x: 0, y, width, height: Math.min(rowsAtOnce, height - y) }
    yield (await labels.read(band, page)).samples as Uint8Array
  }
}

export function nameOfClass(classes: readonly WrittenClass[], value: number): WrittenClass {
  return classes.find((each) => each.value === value) ?? { value, name: `class ${value}`, colour: '#8A8F98' }
}
