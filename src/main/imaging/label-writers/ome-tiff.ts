import { promisify } from 'node:util'
import { deflate } from 'node:zlib'
import { TemporaryFile } from '../temporary-file.ts'
import {
  encodeTiffDirectories,
  encodeTiffHeader,
  TIFF_HEADER_SIZE,
  type TiffEntry,
} from '../tiff-directory.ts'
import { colourMap } from './colour-map.ts'
import { LabelPyramid } from './label-pyramid.ts'
import { labelOmeXml } from './ome-xml.ts'
import { bandsOf, rowsAtOnce as tileSize, type WrittenLabels } from './written-labels.ts'

const compress = promisify(deflate)

/** One level of one page: its tiles so far, row by row of tiles. */
interface Level {
  width: number
  height: number
  offsets: number[]
  byteCounts: number[]
}

/**
 * Writes labels as an OME-TIFF with a pyramid: tiles of 256 x 256, Deflate-compressed; the reduced levels of a page are in its
 * sub-directories (OME-TIFF specification 6.0), where Bio-Formats, QuPath and tifffile look for them. Always BigTIFF.
 * @throws SegscopeError where the labels cannot be read; as `outputError` says
 */
export async function writeOmeTiff(path: string, written: WrittenLabels): Promise<void> {
  const file = await TemporaryFile.create(path)
  try {
    await new OmeTiff(file, written).write()
    await file.commit()
  } finally {
    await file.discard()
  }
}

class OmeTiff {
  readonly #file: TemporaryFile
  readonly #written: WrittenLabels
  #position = TIFF_HEADER_SIZE

  constructor(file: TemporaryFile, written: WrittenLabels) {
    this.#file = file
    this.#written = written
  }

  async write(): Promise<void> {
    const { labels } = this.#written
    const pages: Level[][] = []
    for (let page = 0; page < labels.info.pages; page++) pages.push(await this.#writePage(page))
    const entries: TiffEntry[][] = []
    for (const [page, [full, ...reduced]] of pages.entries()) {
      const subDirectories: number[] = []
      for (const level of reduced) {
        // Each stands alone: readers follow the offsets in the page's own directory, not a chain.
        subDirectories.push(
          await this.#append(encodeTiffDirectories([this.#entries(level, [])], this.#position, true)),
        )
      }
      entries.push(this.#entries(full as Level, subDirectories, page))
    }
    const start = await this.#append(encodeTiffDirectories(entries, this.#position, true))
    await this.#file.write(encodeTiffHeader(start, true), 0)
  }

  async #writePage(page: number): Promise<Level[]> {
    const { labels } = this.#written
    const { width, height } = labels.info
    const pyramid = new LabelPyramid(width, height, tileSize)
    const levels = pyramid.levels.map((size) => ({ ...size, offsets: [], byteCounts: [] }))
    for await (const band of bandsOf(labels, page)) {
      for (const { level, rows } of pyramid.add(band)) await this.#writeTileRow(levels[level] as Level, rows)
    }
    return levels
  }

  /** @param rows `[up to tileSize, level.width]` */
  async #writeTileRow(level: Level, rows: Uint8Array): Promise<void> {
    const count = rows.length / level.width
    for (let left = 0; left < level.width; left += tileSize) {
      const tile = new Uint8Array(tileSize * tileSize)
      const columns = Math.min(tileSize, level.width - left)
      for (let row = 0; row < count; row++) {
        const from = row * level.width + left
        tile.set(rows.subarray(from, from + columns), row * tileSize)
      }
      const compressed = await compress(tile, { level: 6 })
      level.offsets.push(await this.#append(compressed))
      level.byteCounts.push(compressed.length)
    }
  }

  async #append(bytes: Uint8Array): Promise<number> {
    // Directories begin at even offsets.
    const position = this.#position
    await this.#file.write(bytes, position)
    this.#position += bytes.length + (bytes.length % 2)
    return position
  }

  #entries(level: Level, subDirectories: readonly number[], page?: number): TiffEntry[] {
    const { labels, imageName, pixelSize, classes } = this.#written
    const entries: (TiffEntry | undefined)[] = [
      // A reduced version of another image, in sub-directories.
      { tag: 254, type: 'long', values: [page === undefined ? 1 : 0] },
      { tag: 256, type: 'long', values: [level.width] },
      { tag: 257, type: 'long', values: [level.height] },
      { tag: 258, type: 'short', values: [8] },
      { tag: 259, type: 'short', values: [8] },
      { tag: 262, type: 'short', values: [1] },
      page === 0
        ? { tag: 270, type: 'ascii', text: labelOmeXml(imageName, labels.info, pixelSize) }
        : undefined,
      { tag: 277, type: 'short', values: [1] },
      { tag: 305, type: 'ascii', text: 'Segscope' },
      { tag: 320, type: 'short', values: colourMap(classes) },
      { tag: 322, type: 'long', values: [tileSize] },
      { tag: 323, type: 'long', values: [tileSize] },
      { tag: 324, type: 'offset', values: level.offsets },
      { tag: 325, type: 'offset', values: level.byteCounts },
      subDirectories.length === 0 ? undefined : { tag: 330, type: 'offset', values: subDirectories },
      { tag: 339, type: 'short', values: [1] },
    ]
    return entries.filter((entry) => entry !== undefined)
  }
}
