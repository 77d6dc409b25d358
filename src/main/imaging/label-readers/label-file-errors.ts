import { SegscopeError } from '../../../model/errors.ts'

/** The file contradicts itself, is cut, or is not what it is called. */
export function damagedLabels(file: string, reason: string, cause?: unknown): SegscopeError {
  return new SegscopeError('labels-damaged', `${file} cannot be read as labels: ${reason}.`, {
    file,
    remedy: 'Save or export the labels again.',
    cause,
  })
}

/** The file is sound, and holds something that is no area of pixels, or that is not read here. */
export function unsupportedLabels(file: string, reason: string, remedy: string): SegscopeError {
  return new SegscopeError('labels-unsupported', `${file} cannot be read as labels: ${reason}.`, {
    file,
    remedy,
  })
}

/** The labels were made for another image. */
export function misfittingLabels(file: string, reason: string): SegscopeError {
  return new SegscopeError('label-size-differs', `${file} does not fit its image: ${reason}.`, {
    file,
    remedy: 'Make the labels from this very image, neither cropped nor scaled.',
  })
}
