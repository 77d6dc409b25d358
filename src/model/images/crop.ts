import type { ImageInfo, ImageSource, Raster, Region } from './image-source.ts'

/** A region of one page as an image of its own. Closing it closes the image. */
export function cropImage(image: ImageSource, page: number, region: Region): ImageSource {
  return new CroppedImage(image, page, region)
}

class CroppedImage implements ImageSource {
  readonly path: string
  readonly info: ImageInfo
  readonly #image: ImageSource
  readonly #page: number
  readonly #region: Region

  constructor(image: ImageSource, page: number, region: Region) {
    this.path = image.path
    this.info = { ...image.info, width: region.width, height: region.height, pages: 1 }
    this.#image = image
    this.#page = page
    this.#region = region
  }

  read({ x, y, width, height }: Region): Promise<Raster> {
    const region = { x: this.#region.x + x, y: this.#region.y + y, width, height }
    return this.#image.read(region, this.#page)
  }

  close(): Promise<void> {
    return this.#image.close()
  }
}
