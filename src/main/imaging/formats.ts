import type { ImageSource } from '../../model/images/image-source.ts'
import type { ImageSelection } from '../../preload/contract/image-address.ts'
import type { RandomAccessFile } from './random-access-file.ts'

/** A format is one entry here, and a file or folder beside this one that is loaded when it is needed. */
interface Format {
  /** In lower case, with the dot; what folders are searched for. */
  extensions: readonly string[]
  /** The first bytes of every file of the format; any one of them. */
  signatures: readonly (readonly number[])[]
  /** Opens a file of it. Takes the file over: closes it, or returns a source whose `close` does. */
  open: (file: RandomAccessFile, selection: ImageSelection) => Promise<ImageSource>
  /** Set where an image may be a folder, too; its name then has one of the extensions. */
  openFolder?: (path: string, selection: ImageSelection) => Promise<ImageSource>
}

export const formats: readonly Format[] = [
  {
    extensions: ['.tif', '.tiff', '.lsm', '.stk'],
    signatures: [
      [0x49, 0x49, 42, 0],
      [0x4d, 0x4d, 0, 42],
      [0x49, 0x49, 43, 0],
      [0x4d, 0x4d, 0, 43],
    ],
    open: async (file, selection) => (await import('./tiff/open-tiff.ts')).openTiff(file, selection),
  },
  {
    extensions: ['.png'],
    signatures: [[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
    open: async (file) => (await import('./png/open-png.ts')).openPng(file),
  },
  {
    extensions: ['.jpg', '.jpeg'],
    signatures: [[0xff, 0xd8, 0xff]],
    open: async (file) => (await import('./jpeg.ts')).openJpeg(file),
  },
  {
    extensions: ['.jp2', '.j2k', '.jpf'],
    signatures: [
      [0, 0, 0, 12, 0x6a, 0x50, 0x20, 0x20],
      [0xff, 0x4f, 0xff, 0x51],
    ],
    open: async (file) => (await import('./open-jpeg-2000.ts')).openJpeg2000(file),
  },
  {
    extensions: ['.h5', '.hdf5', '.ims'],
    signatures: [[0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]],
    open: async (file, selection) => (await import('./hdf5/open-hdf5.ts')).openHdf5(file, selection),
  },
  {
    extensions: ['.npy'],
    signatures: [[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]],
    open: async (file, selection) => (await import('./open-npy.ts')).openNpy(file, selection),
  },
  {
    extensions: ['.zarr', '.zarr.zip', '.ozx'],
    signatures: [[0x50, 0x4b, 0x03, 0x04]],
    open: async (file, selection) => (await import('./zarr/open-zarr.ts')).openZarrZip(file, selection),
    openFolder: async (path, selection) =>
      (await import('./zarr/open-zarr.ts')).openZarrFolder(path, selection),
  },
]

/** The format of which a folder of this name may be an image. */
export function folderFormat(name: string): Format | undefined {
  const lower = name.toLowerCase()
  return formats.find(
    ({ extensions, openFolder }) =>
      openFolder !== undefined && extensions.some((extension) => lower.endsWith(extension)),
  )
}
