import { access } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { SegscopeError } from '../../../model/errors.ts'
import type { ImageInfo } from '../../../model/images/image-source.ts'
import type { ImageSelection } from '../../../preload/contract/image-address.ts'
import { arrangePlanes } from '../axes/arrange-planes.ts'
import { chooseImage } from '../choose-image.ts'
import { omeChannelLooks, omePixelSize } from '../ome/ome-facts.ts'
import { isOmeXml, type OmeImage, parseOmeXml } from '../ome/ome-xml.ts'
import { RandomAccessFile } from '../random-access-file.ts'
import { checkDecodable } from './decode-chunk.ts'
import { TiffDirectory, type TiffHeader } from './directory.ts'
import { findOmePlanes, type OmePlanes } from './ome-planes.ts'
import { readPageLayout } from './page-layout.ts'
import type { Plane } from './plane.ts'
import { TiffFiles } from './tiff-files.ts'
import { TiffSource } from './tiff-source.ts'

export interface OmeFile {
  /** The OME-XML, or any other text. */
  description: string
  directories: readonly number[]
  selection: ImageSelection
}

/** Companion files hold the metadata of a whole plate at most. */
const COMPANION_BYTES = 2 ** 26

/**
 * Opens a TIFF by its OME-XML.
 * @returns undefined where there is none, or where it does not fit the files that are there: the pages themselves are then all that can
 *   be known
 * @throws SegscopeError as `readPageLayout`; `axes-do-not-fit`, `image-not-in-file`
 */
export async function openOmeTiff(
  file: RandomAccessFile,
  header: TiffHeader,
  { description, directories, selection }: OmeFile,
): Promise<TiffSource | undefined> {
  if (!isOmeXml(description)) return undefined
  const images = await readImages(file.path, description)
  if (images.length === 0) return undefined
  const name = chooseImage(file.path, nameImages(images), selection.image)
  const { pixels } = images[nameImages(images).indexOf(name)] as OmeImage

  const samples = Math.max(1, pixels.Channel[0]?.SamplesPerPixel ?? 1)
  const found = await findPlanes(file.path, pixels, directories, samples)
  if (found === undefined) return undefined
  const files = new TiffFiles(file, header, found.files)
  const [firstPlane] = found.planes as [Plane]
  const place = await files.locate(firstPlane)
  const directory = await TiffDirectory.read(place.file, place.header, place.directory)
  const layout = await readPageLayout(place.file, directory)
  checkDecodable(place.file.path, layout)
  const arranged = arrangePlanes(file.path, found.planes, found.leading, layout, selection.axes)
  const channels = layout.channels * (arranged.pages[0] as Plane[]).length
  const looks = omeChannelLooks(pixels, channels)
  const parts = found.files.filter((path) => path !== file.path)
  const info: ImageInfo = {
    width: layout.width,
    height: layout.height,
    channels,
    ...arranged.facts,
    sampleType: layout.sampleType,
    bitsPerSample: layout.bitsPerSample,
    pixelSize: omePixelSize(pixels),
    format: header.big ? 'OME-TIFF (BigTIFF)' : 'OME-TIFF',
    ...(images.length > 1 && { images: nameImages(images), image: name }),
    ...(looks !== undefined && { channelLooks: looks }),
    ...(parts.length > 0 && { parts }),
  }
  return new TiffSource(files, info, arranged.pages)
}

/** Those of the text, or of the file beside this one to which it points. */
async function readImages(path: string, description: string): Promise<OmeImage[]> {
  const metadata = parseOmeXml(description)
  const companion = metadata?.metadataFile
  if (metadata === undefined || companion === undefined) return metadata?.images ?? []
  if (basename(companion) !== companion) return []
  const text = await readText(join(dirname(path), companion))
  return text === undefined ? [] : (parseOmeXml(text)?.images ?? [])
}

async function readText(path: string): Promise<string | undefined> {
  try {
    const file = await RandomAccessFile.open(path)
    try {
      if (file.size > COMPANION_BYTES) return undefined
      return new TextDecoder().decode(await file.read(0, file.size, 'the OME-XML'))
    } finally {
      await file.close()
    }
  } catch (error) {
    // Without its companion a member of a set still has its own pages.
    if (error instanceof SegscopeError) return undefined
    throw error
  }
}

/** The names where each image has its own, else their numbers. */
function nameImages(images: readonly OmeImage[]): string[] {
  const names = images.map(({ name }) => name)
  const isOwn = new Set(names).size === names.length && !names.includes('')
  return isOwn ? names : images.map((_, index) => String(index + 1))
}

async function findPlanes(
  path: string,
  pixels: OmeImage['pixels'],
  directories: readonly number[],
  samples: number,
): Promise<OmePlanes | undefined> {
  try {
    const found = findOmePlanes(path, pixels, directories, samples)
    await Promise.all(found.files.map((file) => access(file)))
    return found
  } catch (error) {
    if (error instanceof SegscopeError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
