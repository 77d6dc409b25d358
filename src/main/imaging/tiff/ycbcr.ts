import type { YCbCrCoding } from './page-layout.ts'

/**
 * 8-bit YCbCr as TIFF stores it without JPEG (TIFF 6.0 section 21): blocks of `across * down` Y samples followed by one
 * Cb and one Cr. Cb and Cr are repeated over their block, as libtiff does.
 * @returns RGB, interleaved `[rows, width, 3]`
 */
export function yCbCrToRgb(
  bytes: Uint8Array,
  width: number,
  rows: number,
  coding: YCbCrCoding,
): Uint8Array<ArrayBuffer> {
  const [across, down] = coding.subsampling
  const [red, green, blue] = coding.luma as unknown as [number, number, number]
  const reference = coding.referenceBlackWhite as unknown as [number, number, number, number, number, number]
  const [blackY, whiteY, blackCb, whiteCb, blackCr, whiteCr] = reference
  const scaleY = 255 / (whiteY - blackY)
  const scaleCb = 127 / (whiteCb - blackCb)
  const scaleCr = 127 / (whiteCr - blackCr)
  const blocksAcross = Math.ceil(width / across)
  const blockBytes = across * down + 2
  const rgb = new Uint8ClampedArray(rows * width * 3)
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < width; x++) {
      const block = (Math.floor(y / down) * blocksAcross + Math.floor(x / across)) * blockBytes
      const code = bytes[block + (y % down) * across + (x % across)] as number
      const luminance = (code - blackY) * scaleY
      const cb = ((bytes[block + blockBytes - 2] as number) - blackCb) * scaleCb
      const cr = ((bytes[block + blockBytes - 1] as number) - blackCr) * scaleCr
      const r = luminance + cr * (2 - 2 * red)
      const b = luminance + cb * (2 - 2 * blue)
      const at = (y * width + x) * 3
      rgb[at] = r
      rgb[at + 1] = (luminance - red * r - blue * b) / green
      rgb[at + 2] = b
    }
  }
  return new Uint8Array(rgb.buffer)
}
