import type { ImageDetails } from '../../preload/contract/images.ts'

export type SampleType = ImageDetails['sampleType']
export type TileSamples =
  | Uint8Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>

const arrays = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
  // Sent as 32-bit ones (see `pixelTileAddress`).
  float64: Float32Array,
} as const

/**
 * Samples as they are sent: little end first, which is every browser's own order.
 * @param count how many there must be
 * @throws RangeError where there are more or fewer
 */
export function decodeSamples(bytes: ArrayBuffer, type: SampleType, count: number): TileSamples {
  const { [type]: array } = arrays
  if (bytes.byteLength !== count * array.BYTES_PER_ELEMENT)
    throw new RangeError(`${count} samples of type ${type} do not take ${bytes.byteLength} bytes.`)
  return new array(bytes)
}
