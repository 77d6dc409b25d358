/** Bytes a run: its value, and its length as 16 bits, little end first. */
const BYTES_PER_RUN = 3
const LONGEST_RUN = 0xffff

/** Labels as runs of equal values, row after row: what a label tile or a stroke is on its way. */
export function encodeRuns(values: Uint8Array): Uint8Array<ArrayBuffer> {
  let runs = 0
  forEachRun(values, () => runs++)
  const encoded = new Uint8Array(runs * BYTES_PER_RUN)
  let at = 0
  forEachRun(values, (value, length) => {
    encoded[at++] = value
    encoded[at++] = length & 0xff
    encoded[at++] = length >> 8
  })
  return encoded
}

/**
 * The values of encoded runs.
 * @param length how many values there must be
 * @throws RangeError where the runs make up more or less, or end within a run
 */
export function decodeRuns(encoded: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const values = new Uint8Array(length)
  let filled = 0
  if (encoded.length % BYTES_PER_RUN !== 0) throw new RangeError('The last run is cut.')
  for (let at = 0; at < encoded.length; at += BYTES_PER_RUN) {
    const run = (encoded[at + 1] as number) | ((encoded[at + 2] as number) << 8)
    if (filled + run > length) throw new RangeError(`The runs are longer than ${length} values.`)
    values.fill(encoded[at] as number, filled, filled + run)
    filled += run
  }
  if (filled !== length) throw new RangeError(`The runs make ${filled} values, not ${length}.`)
  return values
}

function forEachRun(values: Uint8Array, use: (value: number, length: number) => void): void {
  for (let start = 0; start < values.length;) {
    const value = values[start] as number
    let end = start + 1
    while (end < values.length && end - start < LONGEST_RUN && values[end] === value) end++
    use(value, end - start)
    start = end
  }
}
