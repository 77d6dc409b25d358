import type { Samples, SampleType } from '../../../model/images/image-source.ts'
import type { ArrayBlocks } from '../axes/array-source.ts'
import { damagedImage } from '../image-errors.ts'
import { createSamples } from '../regions.ts'
import type { DataSet, Hdf5DataSets } from './hdf5-data-sets.ts'

/**
 * Stacks in data sets of their own, `[z, y, x]`, as one array `[t, c, z, y, x]`.
 * @param stacks by time, then by channel
 * @param size of the array that is believed: a file may store more, to fill its chunks
 */
export function combineStacks(
  sets: Hdf5DataSets,
  stacks: readonly (readonly (DataSet | undefined)[])[],
  size: readonly [z: number, y: number, x: number],
  sampleType: SampleType,
): ArrayBlocks {
  return {
    shape: [stacks.length, stacks[0]?.length ?? 0, ...size],
    read(start, count) {
      const stackLength = count.slice(2).reduce((product, length) => product * length, 1)
      const samples: Samples = createSamples(
        sampleType,
        (count[0] as number) * (count[1] as number) * stackLength,
      )
      let at = 0
      for (let t = 0; t < (count[0] as number); t++) {
        for (let c = 0; c < (count[1] as number); c++) {
          const set = stacks[(start[0] as number) + t]?.[(start[1] as number) + c]
          if (set === undefined)
            throw damagedImage(
              sets.path,
              `a channel of time ${String((start[0] as number) + t + 1)} is missing`,
            )
          samples.set(sets.read(set, start.slice(2), count.slice(2)), at)
          at += stackLength
        }
      }
      return Promise.resolve(samples)
    },
  }
}
