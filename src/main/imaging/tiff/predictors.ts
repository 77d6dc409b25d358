/**
 * Horizontal differencing (TIFF 6.0 section 14), in place: each sample was stored as its difference from the one
 * `stride` before, modulo 2^bits; floating-point samples as their bit patterns.
 * @param bytes rows of `rowSamples` samples in this machine's byte order
 */
export function undoHorizontalPredictor(
  bytes: Uint8Array<ArrayBuffer>,
  rowSamples: number,
  bits: 8 | 16 | 32 | 64,
  stride: number,
): void {
  const { buffer, byteOffset, length } = bytes
  if (bits === 64) {
    accumulate64(new BigUint64Array(buffer, byteOffset, length / 8), rowSamples, stride)
    return
  }
  const Integers = { 8: Uint8Array, 16: Uint16Array, 32: Uint32Array }[bits]
  const values = new Integers(buffer, byteOffset, length / (bits / 8))
  for (let row = 0; row < values.length; row += rowSamples) {
    for (let index = row + stride; index < row + rowSamples; index++) {
      values[index] = (values[index] as number) + (values[index - stride] as number)
    }
  }
}

function accumulate64(values: BigUint64Array, rowSamples: number, stride: number): void {
  for (let row = 0; row < values.length; row += rowSamples) {
    for (let index = row + stride; index < row + rowSamples; index++) {
      values[index] = (values[index] as bigint) + (values[index - stride] as bigint)
    }
  }
}

/**
 * The floating-point predictor (Adobe's TIFF technical note 3), in place: in each row all most significant bytes come
 * first, then all second ones and so on, and bytes are stored as differences. Leaves big-endian samples.
 */
export function undoFloatingPointPredictor(
  bytes: Uint8Array,
  rowBytes: number,
  sampleBytes: number,
  stride: number,
): void {
  const planes = new Uint8Array(rowBytes)
  const rowSamples = rowBytes / sampleBytes
  for (let row = 0; row < bytes.length; row += rowBytes) {
    const line = bytes.subarray(row, row + rowBytes)
    for (let index = stride; index < rowBytes; index++) {
      line[index] = (line[index] as number) + (line[index - stride] as number)
    }
    planes.set(line)
    for (let sample = 0; sample < rowSamples; sample++) {
      for (let byte = 0; byte < sampleBytes; byte++) {
        line[sample * sampleBytes + byte] = planes[byte * rowSamples + sample] as number
      }
    }
  }
}
