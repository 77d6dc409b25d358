import type { ChannelLook, PixelSize } from '../../../model/images/image-source.ts'
import { pixelSizeInUnit } from '../pixel-size.ts'
import { combineStacks } from './combined-blocks.ts'
import type { DataSet, Hdf5DataSets } from './hdf5-data-sets.ts'
import type { Hdf5Image } from './hdf5-image.ts'

const place = /^\/DataSet\/ResolutionLevel (\d{1,2})\/TimePoint (\d{1,6})\/Channel (\d{1,4})\/Data$/

/**
 * The image of an Imaris 5.5 file: a data set `[z, y, x]` for each resolution, time and channel, filled up to whole chunks; what is
 * image is in the attributes ImageSizeX, Y and Z of its group. Undefined where the file is none.
 * (Imaris 5.5 file format, https://imaris.oxinst.com/support/imaris-file-format)
 */
export function findImaris(sets: Hdf5DataSets, listed: readonly DataSet[]): Hdf5Image[] | undefined {
  const levels: (DataSet | undefined)[][][] = []
  for (const set of listed) {
    const [, level, time, channel] = (place.exec(set.path) ?? []).map(Number)
    if (level === undefined || time === undefined || channel === undefined) continue
    const stacks = ((levels[level] ??= [])[time] ??= [])
    stacks[channel] = set
  }
  const first = levels[0]?.[0]?.[0]
  if (first === undefined) return undefined
  return [
    {
      name: 'Imaris',
      axes: ['t', 'c', 'z', 'y', 'x'],
      levels: levels
        .filter((level) => level[0]?.[0] !== undefined)
        .map((level) =>
          combineStacks(sets, fill(level), sizeOf(sets, level[0]?.[0] as DataSet), first.sampleType),
        ),
      sampleType: first.sampleType,
      bitsPerSample: first.bitsPerSample,
      pixelSize: readPixelSize(sets, first),
      channelLooks: (levels[0]?.[0] ?? []).map((_, channel) => readLook(sets, channel)),
      format: 'Imaris',
    },
  ]
}

/** Every time as long as the first, without holes in the arrays. */
function fill(level: (DataSet | undefined)[][]): (DataSet | undefined)[][] {
  const channels = level[0]?.length ?? 0
  return Array.from(level, (stacks: (DataSet | undefined)[] | undefined) =>
    Array.from({ length: channels }, (_, channel) => stacks?.[channel]),
  )
}

/** Never more than is stored. */
function sizeOf(sets: Hdf5DataSets, { path, shape }: DataSet): [number, number, number] {
  const group = path.slice(0, path.lastIndexOf('/'))
  const sizes = ['ImageSizeZ', 'ImageSizeY', 'ImageSizeX'].map((name, axis) => {
    const size = Number(sets.attribute(group, name))
    const stored = shape[axis] ?? 1
    return Number.isInteger(size) && size >= 1 ? Math.min(size, stored) : stored
  })
  return sizes as [number, number, number]
}

/** The extent of the whole image, in its unit, over its pixels. */
function readPixelSize(sets: Hdf5DataSets, first: DataSet): PixelSize | undefined {
  const info = '/DataSetInfo/Image'
  const extent = (axis: number): number =>
    Number(sets.attribute(info, `ExtMax${String(axis)}`)) -
    Number(sets.attribute(info, `ExtMin${String(axis)}`))
  const [, height, width] = sizeOf(sets, first)
  return pixelSizeInUnit(extent(0) / width, extent(1) / height, sets.attribute(info, 'Unit') ?? 'µm')
}

/** Colours are three numbers from 0 to 1. */
function readLook(sets: Hdf5DataSets, channel: number): ChannelLook {
  const group = `/DataSetInfo/Channel ${String(channel)}`
  const name = sets.attribute(group, 'Name')
  const colour = sets.attribute(group, 'Color')?.trim().split(/\s+/).map(Number)
  const isColour = colour?.length === 3 && colour.every((part) => part >= 0 && part <= 1)
  return {
    ...(name !== undefined && { name }),
    ...(isColour && {
      colour: `#${colour
        .map((part) =>
          Math.round(255 * part)
            .toString(16)
            .padStart(2, '0'),
        )
        .join('')}`,
    }),
  }
}
