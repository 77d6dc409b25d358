import type { PixelSize } from '../../model/images/image-source.ts'

/** Units as programs write them, in micrometres. */
const micrometres = new Map([
  ['pm', 1e-6],
  ['nm', 1e-3],
  ['nanometer', 1e-3],
  ['nanometre', 1e-3],
  ['um', 1],
  ['µm', 1],
  ['micron', 1],
  ['microns', 1],
  ['micrometer', 1],
  ['micrometre', 1],
  ['mm', 1e3],
  ['millimeter', 1e3],
  ['cm', 1e4],
  ['centimeter', 1e4],
  ['m', 1e6],
  ['meter', 1e6],
  ['inch', 25_400],
  ['in', 25_400],
])

/**
 * Dots per inch that programs write when they know nothing of the specimen: screens (72, 96) and print (150, 300).
 * Taken as sizes, they would claim pixels of 85 to 353 µm.
 */
const defaultDotsPerInch = [72, 96, 150, 300]

/** A pixel size in the unit that a file names; undefined where it is not a physical size. */
export function pixelSizeInUnit(x: number, y: number, unit: string): PixelSize | undefined {
  if (!(x > 0 && y > 0 && Number.isFinite(x) && Number.isFinite(y))) return undefined
  // ImageJ writes the micro sign as an escape; Unicode has two of them, a sign and a Greek letter.
  const name = unit
    .trim()
    .replace(/\\u00B5|\\u03BC/i, 'µ')
    .replace('μ', 'µ')
  if (['', 'px', 'pixel', 'pixels'].includes(name.toLowerCase())) return undefined
  const factor = micrometres.get(name.toLowerCase())
  return factor === undefined ? { x, y, unit: name } : { x: x * factor, y: y * factor, unit: 'µm' }
}

/** A pixel size in µm from a file's resolution; undefined where the resolution is a screen's or a printer's. */
export function pixelSizeFromResolution(x: number, y: number): PixelSize | undefined {
  const isDefault = defaultDotsPerInch.some((dots) => Math.abs(25_400 / x - dots) < dots * 1e-3)
  return isDefault ? undefined : pixelSizeInUnit(x, y, 'µm')
}
