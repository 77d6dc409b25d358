import type { Axis } from '../../../model/images/image-source.ts'
import type { TiffDirectory } from './directory.ts'
import { Tag } from './tags.ts'

/**
 * The axes of a Zeiss LSM, from the sizes at bytes 16 (z) and 24 (times) of its information block; channels are the samples of
 * each page. Undefined where the file is none or they do not fit the number of planes.
 */
export async function zeissAxes(directory: TiffDirectory, planes: number): Promise<Axis[] | undefined> {
  const bytes = await directory.bytes(Tag.zeissInformation, 28)
  if (bytes?.length !== 28) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const axes: Axis[] = [
    { name: 't', size: view.getInt32(24, directory.littleEndian) },
    { name: 'z', size: view.getInt32(16, directory.littleEndian) },
  ]
  return axes.reduce((product, { size }) => product * size, 1) === planes ? axes : undefined
}
