const CLEAR = 256
const END = 257
const FIRST_FREE = 258
const MAXIMUM_CODES = 4096

/**
 * LZW as TIFF has it (TIFF 6.0 section 13): codes of 9 to 12 bits, the most significant bit first, widened one code
 * early. Files from before TIFF 5.0 put the least significant bit first and widen on time; their first code, 256,
 * gives them away (libtiff's LZWDecodeCompat).
 * @returns at most `limit` bytes; fewer where the data end or a code is not yet known
 */
export function decompressLzw(bytes: Uint8Array, limit: number): Uint8Array {
  const isOld = bytes[0] === 0 && ((bytes[1] ?? 0) & 1) === 1
  const early = isOld ? 0 : 1
  const prefixes = new Uint16Array(MAXIMUM_CODES)
  const suffixes = new Uint8Array(MAXIMUM_CODES)
  const lengths = new Uint16Array(MAXIMUM_CODES)
  for (let code = 0; code < 256; code++) {
    suffixes[code] = code
    lengths[code] = 1
  }
  const output = new Uint8Array(limit)
  let filled = 0
  let free = FIRST_FREE
  let width = 9
  let previous = -1
  let first = 0
  let buffer = 0
  let bits = 0
  let at = 0
  while (filled < limit) {
    while (bits < width && at < bytes.length) {
      const byte = bytes[at++] as number
      buffer = isOld ? buffer | (byte << bits) : ((buffer << 8) | byte) & 0xffffff
      bits += 8
    }
    if (bits < width) break
    const mask = (1 << width) - 1
    const code = isOld ? buffer & mask : (buffer >>> (bits - width)) & mask
    if (isOld) buffer >>>= width
    bits -= width

    if (code === END) break
    if (code === CLEAR) {
      free = FIRST_FREE
      width = 9
      previous = -1
      continue
    }
    const isKnown = code < 256 || (code >= FIRST_FREE && code < free)
    // A code may name the entry that it is about to complete: the previous string and its own first byte.
    if (!isKnown && (code !== free || previous === -1)) break
    let walk = isKnown ? code : previous
    const length = (lengths[walk] as number) + (isKnown ? 0 : 1)
    let target = filled + length
    if (!isKnown && --target < limit) output[target] = first
    while (walk >= FIRST_FREE) {
      if (--target < limit) output[target] = suffixes[walk] as number
      walk = prefixes[walk] as number
    }
    if (--target < limit) output[target] = walk
    first = walk
    filled = Math.min(limit, filled + length)

    if (previous !== -1 && free < MAXIMUM_CODES) {
      prefixes[free] = previous
      suffixes[free] = first
      lengths[free] = (lengths[previous] as number) + 1
      free += 1
      if (free + early >= 1 << width && width < 12) width += 1
    }
    previous = code
  }
  return output.subarray(0, filled)
}
