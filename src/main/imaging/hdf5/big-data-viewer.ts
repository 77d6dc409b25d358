import type { SampleType } from '../../../model/images/image-source.ts'
import type { ArrayBlocks } from '../axes/array-source.ts'
import { combineStacks } from './combined-blocks.ts'
import type { DataSet, Hdf5DataSets } from './hdf5-data-sets.ts'
import type { Hdf5Image } from './hdf5-image.ts'

const place = /^\/t(\d{5})\/s(\d{2,5})\/(\d{1,2})\/cells$/

/**
 * The images of a BigDataViewer file: a data set `[z, y, x]` for each time, setup (channel, angle, ...) and resolution; each setup is an
 * image. Its writer has no unsigned 16 bits and stores them as signed (https://imagej.net/plugins/bdv/). Undefined where the
 * file is none.
 */
export function findBigDataViewer(sets: Hdf5DataSets, listed: readonly DataSet[]): Hdf5Image[] | undefined {
  const setups = new Map<string, (DataSet | undefined)[][]>()
  for (const set of listed) {
    const [, time, setup, level] = place.exec(set.path) ?? []
    if (time === undefined || setup === undefined || level === undefined) continue
    const levels = setups.get(setup) ?? []
    setups.set(setup, levels)
    const times = (levels[Number(level)] ??= [])
    times[Number(time)] = set
  }
  if (setups.size === 0) return undefined
  return [...setups].flatMap(([setup, levels]) => {
    const first = levels[0]?.[0]
    if (first === undefined) return []
    const isShort = first.sampleType === 'int16'
    const sampleType: SampleType = isShort ? 'uint16' : first.sampleType
    return {
      name: `s${setup}`,
      axes: ['t', 'c', 'z', 'y', 'x'] as const,
      levels: levels.flatMap((times) => {
        const [stack] = times
        if (stack === undefined) return []
        const stacks = Array.from(times, (set: DataSet | undefined) => [set])
        const blocks = combineStacks(sets, stacks, stack.shape as [number, number, number], first.sampleType)
        return isShort ? withoutSign(blocks) : blocks
      }),
      sampleType,
      bitsPerSample: first.bitsPerSample,
      pixelSize: undefined,
      format: 'BigDataViewer HDF5',
    }
  })
}

function withoutSign(blocks: ArrayBlocks): ArrayBlocks {
  return {
    shape: blocks.shape,
    read: async (start, count) => {
      const { buffer, byteOffset, length } = await blocks.read(start, count)
      return new Uint16Array(buffer as ArrayBuffer, byteOffset, length)
    },
  }
}
