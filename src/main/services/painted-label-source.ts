import { UNLABELLED } from '../../model/images/label-map.ts'
import type { ImageInfo, ImageSource, Raster, Region } from '../../model/images/image-source.ts'
import { LABEL_TILE_SIZE } from '../../preload/contract/label-tiles.ts'
import type { ImageRecord } from '../database/repositories/images.ts'
import { checkRegion } from '../imaging/regions.ts'
import type { Project } from './project.ts'

/** The painted labels of an image as an image: classes, 255 where nobody labelled. Only the tiles that are asked for are read. */
export class PaintedLabelSource implements ImageSource {
  readonly path: string
  readonly info: ImageInfo
  readonly #project: Project
  readonly #image: ImageRecord

  /** @param zPlanes at each time; 1 where undefined */
  constructor(project: Project, image: ImageRecord, zPlanes = 1) {
    this.path = image.path
    this.#project = project
    this.#image = image
    this.info = {
      width: image.width,
      height: image.height,
      channels: 1,
      pages: image.pages,
      zPlanes,
      sampleType: 'uint8',
      bitsPerSample: 8,
      pixelSize: undefined,
      format: 'labels',
    }
  }

  async read(region: Region, page = 0): Promise<Raster> {
    checkRegion(this.info, region, page)
    const { x, y, width, height } = region
    const samples = new Uint8Array(width * height).fill(UNLABELLED)
    const map = this.#project.labels.find(this.#image.id, page)
    if (map !== undefined) {
      const tiles = (from: number, extent: number): [number, number] => [
        Math.floor(from / LABEL_TILE_SIZE),
        Math.floor((from + extent - 1) / LABEL_TILE_SIZE),
      ]
      for (const tile of this.#project.labels.tiles(map.id, tiles(x, width), tiles(y, height))) {
        const [left, top] = [tile.column * LABEL_TILE_SIZE, tile.row * LABEL_TILE_SIZE]
        const [first, end] = [Math.max(x, left), Math.min(x + width, left + LABEL_TILE_SIZE)]
        for (let line = Math.max(y, top); line < Math.min(y + height, top + LABEL_TILE_SIZE); line++) {
          const from = (line - top) * LABEL_TILE_SIZE + first - left
          samples.set(tile.values.subarray(from, from + end - first), (line - y) * width + first - x)
        }
      }
    }
    return { samples, channels: 1, width, height }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}
