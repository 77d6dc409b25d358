import { SegscopeError } from '../../model/errors.ts'
import type { ImageInfo, ImageSource, Raster, Region } from '../../model/images/image-source.ts'
import { checkRegion } from './regions.ts'

/** One page of an image as an image of its own. Closing it closes the image. */
export class PageSource implements ImageSource {
  readonly path: string
  readonly info: ImageInfo
  readonly #whole: ImageSource
  readonly #page: number

  /**
   * @param address of the page
   * @param page from 0
   * @throws SegscopeError `page-not-in-image`
   */
  constructor(whole: ImageSource, address: string, page: number) {
    const { pages } = whole.info
    if (!Number.isInteger(page) || page < 0 || page >= pages) {
      throw new SegscopeError('page-not-in-image', `There is no page ${page + 1} in ${whole.path}.`, {
        file: whole.path,
        remedy: `It has ${pages} page${pages === 1 ? '' : 's'}.`,
      })
    }
    this.path = address
    this.#whole = whole
    this.#page = page
    const { zPlanes: _, ...info } = whole.info
    this.info = { ...info, pages: 1 }
  }

  async read(region: Region, page = 0): Promise<Raster> {
    checkRegion(this.info, region, page)
    return await this.#whole.read(region, this.#page)
  }

  close(): Promise<void> {
    return this.#whole.close()
  }
}
