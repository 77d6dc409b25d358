import type { AxisName, ImageInfo, PixelSize, SampleType } from '../../../model/images/image-source.ts'
import { damagedImage, unsupportedImage } from '../image-errors.ts'
import { chooseAxes, sizeOf } from './choose-axes.ts'
import { guessAxes } from './guess-axes.ts'

export interface ArrayFacts {
  shape: readonly number[]
  /** As the file names its axes; undefined where it does not, or not so that they could be an image's. */
  named: readonly AxisName[] | undefined
  /** By a person; a letter for each axis longer than 1. */
  chosen: string | undefined
  sampleType: SampleType
  bitsPerSample: number
  pixelSize: PixelSize | undefined
  format: string
}

export interface DescribedArray {
  info: ImageInfo
  /** Of every axis of the array; undefined: of length 1, and left out. */
  names: (AxisName | undefined)[]
}

/** The longest axis that is believed. */
const LONGEST = 2 ** 31 - 1
const MOST_AXES = 5
const MOST_CHANNELS = 1024

/**
 * Says what image an array is. Axes of length 1 that are not height or width are left out.
 * @throws SegscopeError `image-unsupported` where it is none, `image-damaged`, `axes-do-not-fit`
 */
export function describeArray(file: string, facts: ArrayFacts): DescribedArray {
  const { shape, named, chosen, ...rest } = facts
  const text = shape.join(' x ')
  if (!shape.every((size) => Number.isInteger(size) && size >= 1 && size <= LONGEST)) {
    throw damagedImage(file, `it declares an array of ${text} values`)
  }
  if (shape.length < 2) throw unsupportedImage(file, `it holds a row of ${text} values, which is no picture`)

  const isNamed = named?.length === shape.length && named.includes('y') && named.includes('x')
  const guessed = isNamed ? [...named] : guessKept(file, shape)
  const kept = shape.flatMap((size, index) => {
    const name = guessed[index]
    return size > 1 || name === 'y' || name === 'x' ? [index] : []
  })
  const axes = chooseAxes(
    file,
    kept.map((index) => shape[index] as number),
    kept.map((index) => guessed[index] as AxisName),
    chosen,
  )
  const names = shape.map((_, index) => (kept.includes(index) ? axes[kept.indexOf(index)]?.name : undefined))
  const [channels, zPlanes] = [sizeOf(axes, 'c'), sizeOf(axes, 'z')]
  if (channels > MOST_CHANNELS) {
    throw unsupportedImage(file, `one of its axes would be ${String(channels)} channels; ${text} values`)
  }
  const info: ImageInfo = {
    width: sizeOf(axes, 'x'),
    height: sizeOf(axes, 'y'),
    channels,
    pages: zPlanes * sizeOf(axes, 't'),
    zPlanes,
    ...rest,
    ...(axes.length > 2 && { axes }),
  }
  return { info, names }
}

/** A guess for the axes that are longer than 1, or for all where those are too few for a picture. */
function guessKept(file: string, shape: readonly number[]): (AxisName | undefined)[] {
  const long = shape.flatMap((size, index) => (size > 1 ? [index] : []))
  let kept = shape.length > MOST_AXES ? long : shape.map((_, index) => index)
  if (kept.length < 2) kept = shape.map((_, index) => index).slice(-2)
  if (kept.length > MOST_AXES) {
    throw unsupportedImage(
      file,
      `its array has ${String(kept.length)} axes, more than channels, z, time, height and width`,
    )
  }
  const names = guessAxes(kept.map((index) => shape[index] as number))
  return shape.map((_, index) => (kept.includes(index) ? names[kept.indexOf(index)] : undefined))
}
