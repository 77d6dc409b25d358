import type { AxisName, ChannelLook, PixelSize, SampleType } from '../../../model/images/image-source.ts'
import type { ArrayBlocks } from '../axes/array-source.ts'

/** An image of an HDF5 file: one data set, or many that make one array. */
export interface Hdf5Image {
  name: string
  /** As the file names them. */
  axes: readonly AxisName[] | undefined
  /** The array, and smaller copies of it. */
  levels: ArrayBlocks[]
  sampleType: SampleType
  bitsPerSample: number
  pixelSize: PixelSize | undefined
  channelLooks?: readonly ChannelLook[]
  /** 'HDF5', 'Imaris', ... */
  format: string
}
