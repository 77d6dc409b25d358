import { rename, rm } from 'node:fs/promises'
import h5wasm from 'h5wasm/node'
import { UNLABELLED } from '../../../model/images/label-map.ts'
import { temporaryPath } from '../temporary-file.ts'
import { outputError } from '../write-errors.ts'
import { bandsOf, placeOfPage, rowsAtOnce, type WrittenLabels } from './written-labels.ts'

/** The data set of ilastik's own exports. */
const DATA_SET = 'exported_data'

/**
 * Writes labels as ilastik exports and imports them: `exported_data`, `[t, z, y, x, c]` of uint8 with axis tags, without `t` or `z`
 * where there is one only. ilastik counts classes from 1, and 0 is not labelled.
 * @throws SegscopeError where the labels cannot be read; as `outputError` says
 */
export async function writeIlastikHdf5(path: string, written: WrittenLabels): Promise<void> {
  const temporary = temporaryPath(path)
  try {
    const module = await h5wasm.ready
    module.activate_throwing_error_handler()
    const file = new h5wasm.File(temporary, 'w')
    try {
      await fill(file, written)
    } finally {
      file.close()
    }
    await rename(temporary, path)
  } catch (thrown) {
    await rm(temporary, { force: true })
    throw outputError(path, thrown)
  }
}

async function fill(
  file: InstanceType<typeof h5wasm.File>,
  { labels, pixelSize }: WrittenLabels,
): Promise<void> {
  const { width, height, pages } = labels.info
  const { times, zPlanes } = placeOfPage(labels.info, 0)
  const stacked = (time: number, z: number): number[] => [
    ...(times > 1 ? [time] : []),
    ...(zPlanes > 1 ? [z] : []),
  ]
  const wholeShape = [...stacked(times, zPlanes), height, width, 1]
  let dataSet: InstanceType<typeof h5wasm.Dataset> | undefined
  for (let page = 0; page < pages; page++) {
    let y = 0
    for await (const band of bandsOf(labels, page)) {
      const rows = band.length / width
      const values = band.map((value) => (value === UNLABELLED ? 0 : value + 1))
      if (dataSet === undefined) {
        dataSet = file.create_dataset({
          name: DATA_SET,
          data: values,
          shape: [...stacked(1, 1), rows, width, 1],
          maxshape: wholeShape,
          chunks: [...stacked(1, 1), Math.min(rows, rowsAtOnce), Math.min(width, rowsAtOnce), 1],
          compression: 'gzip',
          compression_opts: 4,
        })
        dataSet.resize(wholeShape)
      } else {
        const place: [number, number][] = [
          [y, y + rows],
          [0, width],
          [0, 1],
        ]
        const { t, z } = placeOfPage(labels.info, page)
        const leading = stacked(t, z).map((index): [number, number] => [index, index + 1])
        dataSet.write_slice([...leading, ...place], values)
      }
      y += rows
    }
  }
  dataSet?.create_attribute('axistags', axisTags(times > 1, zPlanes > 1, pixelSize))
}

/** vigra's axis tags; the type of an axis: 1 channels, 2 space, 8 time (`vigra/axistags.hxx`). */
function axisTags(hasTime: boolean, hasZ: boolean, pixelSize: WrittenLabels['pixelSize']): string {
  const space = (key: 'x' | 'y') => ({
    key,
    typeFlags: 2,
    resolution: pixelSize?.[key] ?? 0,
    description: pixelSize?.unit ?? '',
  })
  const axes = [
    ...(hasTime ? [{ key: 't', typeFlags: 8, resolution: 0, description: '' }] : []),
    ...(hasZ ? [{ key: 'z', typeFlags: 2, resolution: 0, description: '' }] : []),
    space('y'),
    space('x'),
    { key: 'c', typeFlags: 1, resolution: 0, description: '' },
  ]
  return JSON.stringify({ axes }, undefined, 2)
}
