import type { ImageDetails } from '../../preload/contract/images.ts'

export interface ScaleBarLength {
  /** Image pixels, in x. */
  readonly pixels: number
  /** "20 µm"; "50 px" where the image tells no size. */
  readonly text: string
}

/** Nanometres a unit, for the units that are written out; others stay as they are. */
const nanometres: Readonly<Record<string, number>> = {
  nm: 1,
  µm: 1e3,
  mm: 1e6,
  cm: 1e7,
  m: 1e9,
  inch: 25.4e6,
}
const written = ['m', 'mm', 'µm', 'nm']

/**
 * The longest bar of 1, 2 or 5 times a power of ten that is not longer than asked.
 * @param longest image pixels
 */
export function scaleBarLength(longest: number, pixelSize: ImageDetails['pixelSize']): ScaleBarLength {
  if (pixelSize === undefined) {
    const pixels = Math.max(1, roundLength(longest))
    return { pixels, text: `${pixels} px` }
  }
  const { x, unit } = pixelSize
  const { [unit]: unitLength } = nanometres
  if (unitLength === undefined) {
    const length = roundLength(longest * x)
    return { pixels: length / x, text: `${plain(length)} ${unit}` }
  }
  const length = roundLength(longest * x * unitLength)
  const shown = written.find((name) => length >= (nanometres[name] as number)) ?? 'nm'
  return {
    pixels: length / (x * unitLength),
    text: `${plain(length / (nanometres[shown] as number))} ${shown}`,
  }
}

function roundLength(longest: number): number {
  const power = 10 ** Math.floor(Math.log10(longest))
  const digit = [5, 2].find((each) => each * power <= longest) ?? 1
  return digit * power
}

/** Without the last digits that floating point leaves. */
function plain(length: number): string {
  return String(Number(length.toPrecision(6)))
}
