import { SegscopeError } from '../../../model/errors.ts'
import type { ImageInfo } from '../../../model/images/image-source.ts'
import { truncatedImage } from '../image-errors.ts'
import type { RandomAccessFile } from '../random-access-file.ts'
import { checkDecodable } from './decode-chunk.ts'
import { readHeader, TiffDirectory, walkDirectories } from './directory.ts'
import { readPageLayout, type PageLayout } from './page-layout.ts'
import { readPageShape, type PageShape } from './page-shape.ts'
import { readDescription, readPixelSize } from './read-pixel-size.ts'
import { Compression } from './tags.ts'
import { TiffSource, type Page } from './tiff-source.ts'

interface FirstPage {
  shape: PageShape
  offset: number
}

/**
 * Opens a TIFF or BigTIFF. Its pages are those of the same size and sample type as the first; smaller copies and
 * pages of another kind are left out. Values are as stored, as in Fiji and napari: a palette and "white is zero" are
 * taken for what they are with microscopes, ways of showing the picture.
 * @throws SegscopeError `image-truncated`, `image-damaged`, `image-unsupported` or `image-too-large`
 */
export async function openTiff(file: RandomAccessFile): Promise<TiffSource> {
  const header = await readHeader(file)
  let first: FirstPage | undefined
  let pages: Page[] = []
  await walkDirectories(file, header, async (directory, offset, index) => {
    const shape = await readShape(file, directory, first === undefined)
    if (shape === undefined) return
    if (first === undefined || (first.shape.isReduced && !shape.isReduced)) {
      first = { shape, offset }
      pages = []
    }
    if (isAlike(shape, first.shape)) pages.push({ directory: offset, index, shift: 0 })
  })
  const { offset, shape } = first as unknown as FirstPage
  const directory = await TiffDirectory.read(file, header, offset)
  const layout = await readPageLayout(file, directory)
  checkDecodable(file.path, layout)
  const description = await readDescription(directory)
  if (pages.length === 1) pages = contiguousPages(file, layout, description, pages)
  const info: ImageInfo = {
    width: shape.width,
    height: shape.height,
    channels: shape.channels,
    pages: pages.length,
    sampleType: shape.sampleType,
    bitsPerSample: shape.bitsPerSample,
    pixelSize: await readPixelSize(directory, description),
    format: header.big ? 'BigTIFF' : 'TIFF',
  }
  return new TiffSource(file, header, info, pages)
}

/** A page's shape; undefined where it is not the first page and of a kind that is not read, such as a preview in another format. */
async function readShape(
  file: RandomAccessFile,
  directory: TiffDirectory,
  isFirst: boolean,
): Promise<PageShape | undefined> {
  try {
    return await readPageShape(file.path, directory)
  } catch (error) {
    if (!isFirst && error instanceof SegscopeError && error.code === 'image-unsupported') return undefined
    throw error
  }
}

function isAlike(one: PageShape, other: PageShape): boolean {
  return (
    one.width === other.width &&
    one.height === other.height &&
    one.channels === other.channels &&
    one.bitsPerSample === other.bitsPerSample &&
    one.sampleType === other.sampleType &&
    one.isReduced === other.isReduced
  )
}

/**
 * ImageJ writes a stack of over 4 GB as one uncompressed page whose description counts the images; the others follow
 * it without directories of their own.
 */
function contiguousPages(
  file: RandomAccessFile,
  layout: PageLayout,
  description: string,
  pages: Page[],
): Page[] {
  const images = Number(/^ImageJ=[^]*^images=(\d+)$/m.exec(description)?.[1] ?? 1)
  const [page] = pages
  if (page === undefined || images < 2 || layout.compression !== Compression.none || layout.tiled)
    return pages
  const pageBytes = layout.byteCounts.reduce((sum, bytes) => sum + bytes, 0)
  const start = Math.min(...layout.offsets)
  if (start + images * pageBytes > file.size) {
    throw truncatedImage(
      file.path,
      `ImageJ's ${String(images)} images take ${String(images * pageBytes)} bytes from ${String(start)} on, the file has ${String(file.size)}`,
    )
  }
  return Array.from({ length: images }, (_, image) => ({ ...page, shift: image * pageBytes }))
}
