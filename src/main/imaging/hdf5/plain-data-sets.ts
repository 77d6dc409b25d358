import { z } from 'zod'
import type { AxisName, PixelSize } from '../../../model/images/image-source.ts'
import { pixelSizeInUnit } from '../pixel-size.ts'
import type { DataSet, Hdf5DataSets } from './hdf5-data-sets.ts'
import type { Hdf5Image } from './hdf5-image.ts'

/** Under these names ilastik and its like write an image; the first that is there is opened unasked, else the largest. */
const usualNames = ['/exported_data', '/data', '/volume/data', '/raw', '/labels']

/** Vigra's axis tags, as ilastik writes them: one entry an axis, outermost first. */
const axisTagsSchema = z.object({ axes: z.array(z.object({ key: z.string() })) })

/** Every data set of a file as an image, the one that is most likely meant first. */
export function findPlainDataSets(sets: Hdf5DataSets, listed: readonly DataSet[]): Hdf5Image[] {
  const size = ({ shape }: DataSet): number => shape.reduce((product, length) => product * length, 1)
  const rank = ({ path }: DataSet): number => {
    const at = usualNames.indexOf(path)
    return at === -1 ? usualNames.length : at
  }
  return [...listed]
    .sort((one, other) => rank(one) - rank(other) || size(other) - size(one))
    .map((set) => ({
      name: set.path,
      axes: readAxes(sets, set),
      levels: [{ shape: set.shape, read: (start, count) => Promise.resolve(sets.read(set, start, count)) }],
      sampleType: set.sampleType,
      bitsPerSample: set.bitsPerSample,
      pixelSize: readPixelSize(sets, set),
      format: 'HDF5',
    }))
}

/** From ilastik's axis tags or HDF5's dimension labels; undefined where there are none that fit. */
function readAxes(sets: Hdf5DataSets, { path, shape }: DataSet): AxisName[] | undefined {
  const tags = sets.attribute(path, 'axistags')
  const keys = tags === undefined ? sets.attributeValues(path, 'DIMENSION_LABELS') : axisKeys(tags)
  if (keys?.length !== shape.length || !keys.every((key) => /^[tzcyx]$/.test(String(key)))) return undefined
  return keys as AxisName[]
}

/** Of Vigra's axis tags, outermost first; undefined where there are none. */
export function axisKeys(tags: string | undefined): string[] | undefined {
  if (tags === undefined) return undefined
  try {
    return axisTagsSchema.parse(JSON.parse(tags)).axes.map(({ key }) => key)
  } catch {
    // Tags that cannot be understood are none: the axes are guessed, and shown.
    return undefined
  }
}

/** `element_size_um`, as Fiji's HDF5 plugin and Cellpose write it: z, y, x in µm. */
function readPixelSize(sets: Hdf5DataSets, { path }: DataSet): PixelSize | undefined {
  const [, y, x] = sets.attributeValues(path, 'element_size_um') ?? []
  return pixelSizeInUnit(Number(x), Number(y), 'µm')
}
