/**
 * An array as a NumPy file, format 1.0 (numpy.lib.format): little-endian, in C order.
 * @param shape its product is the length of `values`
 */
export function encodeNpy(values: Float32Array, shape: readonly number[]): Uint8Array {
  const description = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.map((extent) => `${extent},`).join(' ')}), }`
  // Magic, version and length take 10 bytes; the data begin at a multiple of 64.
  const length = Math.ceil((10 + description.length + 1) / 64) * 64
  const header = Buffer.alloc(length, ' ', 'latin1')
  header.write('\x93NUMPY\x01\x00', 'latin1')
  header.writeUInt16LE(length - 10, 8)
  header.write(description, 10, 'latin1')
  header.write('\n', length - 1, 'latin1')
  return Buffer.concat([header, Buffer.from(values.buffer, values.byteOffset, values.byteLength)])
}
