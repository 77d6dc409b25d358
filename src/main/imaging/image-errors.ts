import { SegscopeError } from '../../model/errors.ts'

/** The file ends before the data that it declares. */
export function truncatedImage(file: string, reason: string): SegscopeError {
  return new SegscopeError('image-truncated', `${file} is cut off: ${reason}.`, {
    file,
    remedy: 'Copy or export the image again.',
  })
}

/** The file contradicts itself or its data cannot be decoded. */
export function damagedImage(file: string, reason: string, cause?: unknown): SegscopeError {
  return new SegscopeError('image-damaged', `${file} is damaged: ${reason}.`, {
    file,
    remedy: 'Copy or export the image again.',
    cause,
  })
}

/** The file may be sound, but it uses a feature of its format that is not read here. */
export function unsupportedImage(file: string, reason: string): SegscopeError {
  return new SegscopeError('image-unsupported', `${file} cannot be read: ${reason}.`, {
    file,
    remedy: 'Save it from Fiji as TIFF without compression, or as PNG.',
  })
}

/** The file declares more than can be held in memory at once. */
export function oversizedImage(file: string, reason: string): SegscopeError {
  return new SegscopeError('image-too-large', `${file} is too large: ${reason}.`, {
    file,
    remedy: 'Save it as TIFF in strips or tiles, or crop it.',
  })
}

/** The first bytes are those of no format that is read here. */
export function notAnImage(file: string, reason: string): SegscopeError {
  return new SegscopeError('not-an-image', `${file} is not an image: ${reason}.`, {
    file,
    remedy: 'TIFF, OME-TIFF, PNG, JPEG, HDF5, Imaris, OME-Zarr and NumPy files are read.',
  })
}

/** The first line of what a decoder said. */
export function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] as string
}
