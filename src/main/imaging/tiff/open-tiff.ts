import { SegscopeError } from '../../../model/errors.ts'
import type { Axis, ImageInfo } from '../../../model/images/image-source.ts'
import type { ImageSelection } from '../../../preload/contract/image-address.ts'
import { arrangePlanes } from '../axes/arrange-planes.ts'
import { truncatedImage } from '../image-errors.ts'
import type { RandomAccessFile } from '../random-access-file.ts'
import { checkDecodable } from './decode-chunk.ts'
import { readHeader, TiffDirectory, type TiffHeader, walkDirectories } from './directory.ts'
import { imageJLooks } from './imagej-looks.ts'
import { imageJAxes, imageJNumber, imageJSpacing } from './imagej-stack.ts'
import { openOmeTiff } from './open-ome-tiff.ts'
import { readPageLayout, type PageLayout } from './page-layout.ts'
import { readPageShape, type PageShape } from './page-shape.ts'
import { readDescription, readPixelSize } from './read-pixel-size.ts'
import { Compression, Tag } from './tags.ts'
import type { Plane } from './plane.ts'
import { TiffFiles } from './tiff-files.ts'
import { TiffSource } from './tiff-source.ts'
import { zeissAxes } from './zeiss-axes.ts'

interface Pages {
  /** Of the first that is read. */
  shape: PageShape
  offset: number
  /** Those like it. */
  alike: Plane[]
  /** Where every directory is. */
  directories: number[]
}

/**
 * Opens a TIFF or BigTIFF. Its planes are those that OME-XML lists; else the pages of the same size and sample type as the
 * first, with the axes that ImageJ or Zeiss give them; smaller copies and pages of another kind are left out. Values are as
 * stored, as in Fiji and napari: a palette and "white is zero" are taken for what they are with microscopes, ways of
 * showing the picture.
 * @throws SegscopeError `image-truncated`, `image-damaged`, `image-unsupported` or `image-too-large`; `axes-do-not-fit`,
 *   `image-not-in-file`
 */
export async function openTiff(file: RandomAccessFile, selection: ImageSelection): Promise<TiffSource> {
  const header = await readHeader(file)
  const first = await TiffDirectory.read(file, header, requireFirst(file, header))
  const description = await readDescription(first)
  const pages = await listPages(file, header)
  const ome = await openOmeTiff(file, header, { description, directories: pages.directories, selection })
  if (ome !== undefined) return ome

  const { shape, offset } = pages
  const directory = await TiffDirectory.read(file, header, offset)
  const layout = await readPageLayout(file, directory)
  checkDecodable(file.path, layout)
  const planes =
    pages.alike.length === 1
      ? contiguousPlanes(file, directory, layout, description, pages.alike)
      : pages.alike
  const axes: Axis[] = imageJAxes(description, planes.length) ??
    (await zeissAxes(directory, planes.length)) ?? [{ name: 'z', size: planes.length }]
  const arranged = arrangePlanes(file.path, planes, axes, shape, selection.axes)
  const channels = shape.channels * (arranged.pages[0] as Plane[]).length
  const looks = await imageJLooks(directory, description, { channels, sampleType: shape.sampleType })
  const pageSpacing = imageJSpacing(description)
  const info: ImageInfo = {
    width: shape.width,
    height: shape.height,
    channels,
    ...arranged.facts,
    sampleType: shape.sampleType,
    bitsPerSample: shape.bitsPerSample,
    pixelSize: await readPixelSize(directory, description),
    ...(pageSpacing !== undefined && { pageSpacing }),
    ...(looks !== undefined && { channelLooks: looks }),
    format: header.big ? 'BigTIFF' : 'TIFF',
  }
  return new TiffSource(new TiffFiles(file, header), info, arranged.pages)
}

function requireFirst(file: RandomAccessFile, { firstDirectory }: TiffHeader): number {
  if (firstDirectory === 0) throw truncatedImage(file.path, 'it has no TIFF directory')
  return firstDirectory
}

async function listPages(file: RandomAccessFile, header: TiffHeader): Promise<Pages> {
  let first: { shape: PageShape; offset: number } | undefined
  let alike: Plane[] = []
  const directories: number[] = []
  await walkDirectories(file, header, async (directory, offset, index) => {
    directories.push(offset)
    const shape = await readShape(file, directory, first === undefined)
    if (shape === undefined) return
    if (first === undefined || (first.shape.isReduced && !shape.isReduced)) {
      first = { shape, offset }
      alike = []
    }
    if (isAlike(shape, first.shape)) alike.push({ file: 0, directory: offset, index, shift: 0 })
  })
  return { ...(first as unknown as { shape: PageShape; offset: number }), alike, directories }
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
 * ImageJ writes a stack of over 4 GB as one uncompressed page whose description counts the images, MetaMorph every stack as one
 * page with a list of its planes; the others follow it without directories of their own.
 */
function contiguousPlanes(
  file: RandomAccessFile,
  directory: TiffDirectory,
  layout: PageLayout,
  description: string,
  pages: Plane[],
): Plane[] {
  const isImageJ = description.startsWith('ImageJ=')
  const images =
    (isImageJ ? imageJNumber(description, 'images') : undefined) ?? directory.count(Tag.metaMorphPlanes)
  const [page] = pages
  if (page === undefined || images < 2 || layout.compression !== Compression.none || layout.tiled)
    return pages
  const pageBytes = layout.byteCounts.reduce((sum, bytes) => sum + bytes, 0)
  const start = Math.min(...layout.offsets)
  if (start + images * pageBytes > file.size) {
    throw truncatedImage(
      file.path,
      `its ${String(images)} images take ${String(images * pageBytes)} bytes from ${String(start)} on, the file has ${String(file.size)}`,
    )
  }
  return Array.from({ length: images }, (_, image) => ({ ...page, shift: image * pageBytes }))
}
