/** PackBits (TIFF 6.0 section 9): a byte n below 128 copies the next n + 1, above 128 repeats the next 257 - n times. */
export function decompressPackBits(bytes: Uint8Array, limit: number): Uint8Array {
  const output = new Uint8Array(limit)
  let filled = 0
  let at = 0
  while (at < bytes.length && filled < limit) {
    const control = bytes[at++] as number
    if (control < 128) {
      const literal = bytes.subarray(at, at + Math.min(control + 1, limit - filled))
      output.set(literal, filled)
      filled += literal.length
      at += control + 1
    } else if (control > 128 && at < bytes.length) {
      const end = Math.min(limit, filled + 257 - control)
      output.fill(bytes[at++] as number, filled, end)
      filled = end
    }
  }
  return output.subarray(0, filled)
}
