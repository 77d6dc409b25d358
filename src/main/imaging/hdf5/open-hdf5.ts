import type { ImageSource } from '../../../model/images/image-source.ts'
import type { ImageSelection } from '../../../preload/contract/image-address.ts'
import { ArraySource } from '../axes/array-source.ts'
import { describeArray } from '../axes/describe-array.ts'
import { chooseImage } from '../choose-image.ts'
import { unsupportedImage } from '../image-errors.ts'
import type { RandomAccessFile } from '../random-access-file.ts'
import { findBigDataViewer } from './big-data-viewer.ts'
import { Hdf5DataSets } from './hdf5-data-sets.ts'
import type { Hdf5Image } from './hdf5-image.ts'
import { findImaris } from './imaris.ts'
import { findPlainDataSets } from './plain-data-sets.ts'

/**
 * Opens an HDF5 file: Imaris and BigDataViewer files as the images that their data sets make together, any other file as its data
 * sets, of which one can be chosen.
 * @throws SegscopeError `image-truncated`, `image-damaged`, `image-unsupported`; `axes-do-not-fit`, `image-not-in-file`
 */
export async function openHdf5(file: RandomAccessFile, selection: ImageSelection): Promise<ImageSource> {
  const { path } = file
  // libhdf5 opens it anew.
  await file.close()
  const sets = await Hdf5DataSets.open(path)
  try {
    const listed = sets.list()
    const images =
      findImaris(sets, listed) ?? findBigDataViewer(sets, listed) ?? findPlainDataSets(sets, listed)
    if (images.length === 0) {
      throw unsupportedImage(path, 'it holds no data set of numbers with two axes or more')
    }
    const names = images.map(({ name }) => name)
    const name = chooseImage(path, names, selection.image)
    const image = images[names.indexOf(name)] as Hdf5Image
    const { info, names: axisNames } = describeArray(path, {
      shape: (image.levels[0] as Hdf5Image['levels'][number]).shape,
      named: image.axes,
      chosen: selection.axes,
      sampleType: image.sampleType,
      bitsPerSample: image.bitsPerSample,
      pixelSize: image.pixelSize,
      format: image.format,
    })
    const looks = image.channelLooks?.length === info.channels ? image.channelLooks : undefined
    const described = {
      ...info,
      ...(names.length > 1 && { images: names, image: name }),
      ...(looks !== undefined && { channelLooks: looks }),
    }
    const close = (): Promise<void> => {
      sets.close()
      return Promise.resolve()
    }
    return new ArraySource(path, described, axisNames, image.levels, close)
  } catch (error) {
    sets.close()
    throw error
  }
}
