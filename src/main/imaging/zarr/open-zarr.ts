import * as zarr from 'zarrita'
import { SegscopeError } from '../../../model/errors.ts'
import type { ImageInfo, ImageSource, SampleType, Samples } from '../../../model/images/image-source.ts'
import type { ImageSelection } from '../../../preload/contract/image-address.ts'
import { ArraySource, type ArrayBlocks } from '../axes/array-source.ts'
import { describeArray } from '../axes/describe-array.ts'
import { chooseImage } from '../choose-image.ts'
import { damagedImage, reasonOf, unsupportedImage } from '../image-errors.ts'
import type { RandomAccessFile } from '../random-access-file.ts'
import { createSamples } from '../regions.ts'
import { boundCodecs } from './bounded-codecs.ts'
import { findZarrImages } from './find-images.ts'
import { axesOf, looksOf, pixelSizeOf } from './ome-zarr.ts'
import { ZarrFolder, type ZarrStore, ZarrZip } from './zarr-store.ts'

type ZarrArray = zarr.Array<zarr.DataType, ZarrStore>

/** One chunk is unpacked as a whole. */
const LARGEST_CHUNK = 2 ** 28

const sampleTypes: Partial<Record<string, { sampleType: SampleType; bits: number }>> = {
  bool: { sampleType: 'uint8', bits: 8 },
  uint8: { sampleType: 'uint8', bits: 8 },
  int8: { sampleType: 'int8', bits: 8 },
  uint16: { sampleType: 'uint16', bits: 16 },
  int16: { sampleType: 'int16', bits: 16 },
  uint32: { sampleType: 'uint32', bits: 32 },
  int32: { sampleType: 'int32', bits: 32 },
  uint64: { sampleType: 'float64', bits: 64 },
  int64: { sampleType: 'float64', bits: 64 },
  float16: { sampleType: 'float32', bits: 16 },
  float32: { sampleType: 'float32', bits: 32 },
  float64: { sampleType: 'float64', bits: 64 },
}

/** Opens a folder that holds a Zarr hierarchy. @throws as `openZarr` */
export async function openZarrFolder(path: string, selection: ImageSelection): Promise<ImageSource> {
  return openZarr(path, await ZarrFolder.open(path), selection)
}

/** Opens a zip archive of one. @throws as `openZarr` */
export async function openZarrZip(file: RandomAccessFile, selection: ImageSelection): Promise<ImageSource> {
  return openZarr(file.path, await ZarrZip.open(file), selection)
}

/**
 * Opens an image of a Zarr hierarchy of version 2 or 3: OME-Zarr images, series and plates, or a bare array.
 * @throws SegscopeError `image-damaged`, `image-unsupported`, `image-truncated`, `image-too-large`; `axes-do-not-fit`,
 *   `image-not-in-file`
 */
async function openZarr(path: string, store: ZarrStore, selection: ImageSelection): Promise<ImageSource> {
  boundCodecs()
  try {
    const images = await findZarrImages(path, store, selection.image)
    const names = images.map(({ name }) => name)
    const name = chooseImage(path, names, selection.image)
    const { attributes, multiscale, folder } = await (
      images[names.indexOf(name)] as (typeof images)[number]
    ).load()
    const root = zarr.root(store)
    const levels: ZarrArray[] = []
    for (const level of multiscale?.datasets.map((dataset) => `${folder}/${dataset.path}`) ?? [folder]) {
      levels.push(await zarr.open(root.resolve(level), { kind: 'array' }))
    }
    const first = levels[0] as ZarrArray
    const type = sampleTypes[first.dtype]
    if (type === undefined) throw unsupportedImage(path, `its values are of Zarr's type ${first.dtype}`)
    const alike = levels.filter(
      (level) => level.shape.length === first.shape.length && level.dtype === first.dtype,
    )
    for (const level of alike) checkChunks(path, level)
    const { info, names: axisNames } = describeArray(path, {
      shape: first.shape,
      named: multiscale === undefined ? undefined : axesOf(multiscale, first.shape.length),
      chosen: selection.axes,
      sampleType: type.sampleType,
      bitsPerSample: type.bits,
      pixelSize: multiscale && pixelSizeOf(multiscale),
      format: multiscale === undefined ? 'Zarr' : 'OME-Zarr',
    })
    const looks = attributes && looksOf(attributes, info.channels)
    const described: ImageInfo = {
      ...info,
      ...(names.length > 1 && { images: names, image: name }),
      ...(looks !== undefined && { channelLooks: looks }),
    }
    const blocks = alike.map((level) => blocksOf(path, level, type.sampleType))
    return new ArraySource(path, described, axisNames, blocks, () => store.close())
  } catch (error) {
    await store.close()
    throw explain(path, error)
  }
}

function checkChunks(path: string, { chunks }: ZarrArray): void {
  const bytes = chunks.reduce((product, size) => product * size, 8)
  if (!chunks.every((size) => Number.isInteger(size) && size >= 1)) {
    throw damagedImage(path, `it declares chunks of ${chunks.join(' x ')} values`)
  }
  if (bytes > LARGEST_CHUNK) {
    throw unsupportedImage(
      path,
      `its chunks of ${chunks.join(' x ')} values are too large to be unpacked at once`,
    )
  }
}

function blocksOf(path: string, array: ZarrArray, sampleType: SampleType): ArrayBlocks {
  return {
    shape: array.shape,
    async read(start, count) {
      try {
        const ranges = start.map((from, axis) => zarr.slice(from, from + (count[axis] as number)))
        const { data, stride } = (await zarr.get(array, ranges)) as {
          data: ArrayLike<number | bigint | boolean> & Iterable<number | bigint | boolean>
          stride: number[]
        }
        return toSamples(data, stride, count, sampleType)
      } catch (error) {
        throw explain(path, error)
      }
    },
  }
}

/** In C order, whatever order zarrita keeps. */
function toSamples(
  data: ArrayLike<number | bigint | boolean>,
  stride: readonly number[],
  count: readonly number[],
  sampleType: SampleType,
): Samples {
  const samples = createSamples(
    sampleType,
    count.reduce((product, size) => product * size, 1),
  )
  const isPlain = stride.every(
    (step, axis) => step === count.slice(axis + 1).reduce((product, size) => product * size, 1),
  )
  if (isPlain && data.constructor === samples.constructor) return data as Samples
  // Truth values come in a class of its own, which is asked for them one by one.
  const at = (index: number): number =>
    Number('get' in data ? (data as unknown as { get: (at: number) => boolean }).get(index) : data[index])
  let filled = 0
  const copy = (axis: number, from: number): void => {
    if (axis === count.length) samples[filled++] = at(from)
    else
      for (let index = 0; index < (count[axis] as number); index++)
        copy(axis + 1, from + index * (stride[axis] as number))
  }
  copy(0, 0)
  return samples
}

function explain(path: string, error: unknown): Error {
  if (error instanceof SegscopeError) return error
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (cause instanceof SegscopeError) return cause
  if (zarr.isZarritaError(error, 'UnknownCodecError') || zarr.isZarritaError(error, 'UnsupportedError')) {
    return unsupportedImage(path, reasonOf(error))
  }
  return damagedImage(path, `${reasonOf(error)}${cause === error ? '' : `: ${reasonOf(cause)}`}`, error)
}
